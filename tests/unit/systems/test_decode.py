"""Decoding CSV: no byte is lost, whatever they are, and what a writer writes is read back."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.systems.drop import decode as decoding
from connectors.systems.drop.decode import UnusableFile, decode
from connectors.systems.mapping import DropFile

ANY = DropFile(name="any", pattern="*", key=("a",), required=())
CSV_ISH = st.lists(
    st.sampled_from([b";", b'"', b'""', b"\r\n", b"\n", b"\r", b"a", b"\xe9", b"\xff", b"\x81", b" "])
).map(b"".join)


@given(st.binary() | CSV_ISH.map(lambda rest: b"a;b\r\n" + rest) | CSV_ISH)
@example(b'a;b\r\n"' + b"x\r\n" * 30)
def test_no_byte_of_a_file_is_lost(data):
    try:
        decoded = decode(data, ANY, ["a"])
    except UnusableFile:
        return
    place = len(decoded.head)
    assert data.startswith(decoded.head)
    for row in decoded.rows:
        found = data.index(row.raw, place)
        between = data[place:found].decode(decoded.encoding)
        assert not between.replace(decoded.delimiter, "").strip()
        place = found + len(row.raw)
    assert not data[place:].decode(decoded.encoding).replace(decoded.delimiter, "").strip()


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n";,'), max_size=8
)


@given(st.lists(st.tuples(CELL, CELL), max_size=5), st.sampled_from([";", ",", "\t", "|"]))
def test_what_a_csv_writer_writes_is_read_back(rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([("a", "b"), *rows])
    read = [
        (row.values["a"], row.values["b"]) for row in decode(out.getvalue().encode(), ANY, ["a", "b"]).rows
    ]
    assert read == [row for row in rows if "".join(row).replace(delimiter, "").strip()]


def test_a_row_runs_over_a_bounded_number_of_lines():
    inside = "x\n" * (decoding.ROW_LINES - 2)
    assert decode(f'a;b\n1;"{inside}"\n'.encode(), ANY, ["a"]).rows[0].faults == ()
    rows = decode(f'a;b\n1;"{inside}\n\n\n"\n2;3\n'.encode(), ANY, ["a"]).rows
    assert rows[0].faults[0].code == "quotation_mark"
    assert rows[-1].values == {"a": "2", "b": "3"}
