"""The transparency log as anyone checks it: tree hashes and proofs, signed checkpoints, tiles and bundles.

RFC 9162 for the tree, C2SP tlog-checkpoint and signed-note for its head, C2SP tlog-tiles for serving it.
Pure: values in, values out; every check raises a LogMismatch that says what was expected and what was found.
What an entry stands for, and whether a checkpoint is fresh, is not known here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import BadSignature, CheckpointMismatch, ConsistencyMismatch, InclusionMismatch, Malformed
from schemas.keys import SigningKey, VerifyingKey

HASH_SIZE = 32
"""Bytes of SHA-256, the one hash of this log."""
TILE_WIDTH = 256
"""Hashes in a full tile, entries in a full bundle (tlog-tiles: height 8)."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves (RFC 9162 §2.1.1)."""
NOTE_LIMIT = 128 * 1024
"""Characters of a checkpoint: sixteen witnesses, as signed-note asks, with signatures of 5 kB, and more."""
SIGNATURES_LIMIT = 64
"""Signature lines that are looked at."""

_ED25519 = b"\x01"
"""Signature type identifier of signed-note; a witness's cosignature has another and so another key id."""
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_TILE = re.compile(
    r"tile/(entries|0|[1-5]?[0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)
_PATH_LIMIT = 64
_sha256 = hashlib.sha256


# --- the tree (RFC 9162 §2.1.1) ---------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry into a leaf; the prefix keeps a leaf from being taken for a node."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent."""
    return _sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Give the root over leaf hashes in memory, straight from the definition."""
    if len(leaves) < 2:  # noqa: PLR2004 - one leaf is its own root
        return leaves[0] if leaves else EMPTY_ROOT
    middle = split(len(leaves))
    return node_hash(tree_root(leaves[:middle]), tree_root(leaves[middle:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Give PATH(index, leaves) of RFC 9162 §2.1.3.1, straight from the definition."""
    if len(leaves) < 2:  # noqa: PLR2004 - the only leaf needs no proof
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), tree_root(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), tree_root(leaves[:middle])]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Give PROOF(old_size, leaves) of RFC 9162 §2.1.4.1; empty from the empty tree, which proves itself."""
    return _subproof(leaves, old_size, whole=True) if old_size else []


def _subproof(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [tree_root(leaves)]
    middle = split(len(leaves))
    if old_size <= middle:
        return [*_subproof(leaves[:middle], old_size, whole=whole), tree_root(leaves[middle:])]
    return [*_subproof(leaves[middle:], old_size - middle, whole=False), tree_root(leaves[:middle])]


def split(size: int) -> int:
    """Give the largest power of two smaller than `size`: where RFC 9162 cuts a tree of two leaves or more."""
    return 1 << (size - 1).bit_length() - 1


# --- checking proofs --------------------------------------------------------------------------------


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Give the root that the proof leads to (RFC 9162 §2.1.3.2); raise InclusionMismatch for none."""
    if not 0 <= index < size:
        raise InclusionMismatch(f"A log of size {size} has no entry {index}.", index=index, size=size)
    _all_hashes([leaf, *proof], InclusionMismatch)
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InclusionMismatch("The proof is longer than the tree is high.", index=index, size=size)
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise InclusionMismatch("The proof is shorter than the tree is high.", index=index, size=size)
    return found


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise InclusionMismatch unless the leaf stands at `index` in the tree of this size and root."""
    found = root_from_inclusion(leaf, index, size, proof)
    if found != root:
        raise InclusionMismatch(
            f"The proof for entry {index} leads to another root than the one signed for size {size}.",
            remedy="Keep both and tell the coordinator's operator and the oversight members.",
            index=index,
            size=size,
            expected=root.hex(),
            found=found.hex(),
        )


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise ConsistencyMismatch unless the new tree begins with the whole old tree (RFC 9162 §2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        raise ConsistencyMismatch(
            f"The log shrank from {old_size} to {new_size} entries.", expected=old_size, found=new_size
        )
    _all_hashes([old_root, new_root, *proof], ConsistencyMismatch)
    if old_size in (0, new_size):
        if proof:
            raise ConsistencyMismatch("Nothing is to be proved between these sizes, so the proof is empty.")
        found = (new_root if old_size == new_size else EMPTY_ROOT, new_root)
    else:
        found = _roots_from_consistency(old_size, old_root, new_size, proof)
    for size, expected, other in ((old_size, old_root, found[0]), (new_size, new_root, found[1])):
        if expected != other:
            raise ConsistencyMismatch(
                f"The proof leads to another root at size {size} than the one that was signed.",
                remedy="The log may have been split. Keep both heads and tell the oversight members.",
                size=size,
                expected=expected.hex(),
                found=other.hex(),
            )


def _roots_from_consistency(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    # A complete old tree is a node of the new one and is left out of the proof (RFC 9162 §2.1.4.2, step 2).
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not nodes:
        raise ConsistencyMismatch("The proof is shorter than the tree is high.", old=old_size, new=new_size)
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise ConsistencyMismatch(
                "The proof is longer than the tree is high.", old=old_size, new=new_size
            )
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ConsistencyMismatch("The proof is shorter than the tree is high.", old=old_size, new=new_size)
    return old, new


def _all_hashes(nodes: Sequence[bytes], refusal: type[InclusionMismatch | ConsistencyMismatch]) -> None:
    for node in nodes:
        if len(node) != HASH_SIZE:
            raise refusal("A hash of the proof has the wrong length.", expected=HASH_SIZE, found=len(node))


# --- checkpoints (C2SP tlog-checkpoint, signed-note) ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of the log whose signature was checked."""

    origin: str
    size: int
    root: bytes


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Give the three lines that are signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


def key_id(name: str, key: VerifyingKey) -> bytes:
    """Give the four bytes by which signed-note finds a key: they bind name, algorithm and key."""
    return _sha256(name.encode() + b"\n" + _ED25519 + key.raw).digest()[:4]


def sign_checkpoint(origin: str, size: int, root: bytes, key: SigningKey, name: str | None = None) -> str:
    """Sign a head; the key's name is the origin unless another is given."""
    text = checkpoint_text(origin, size, root)
    signer = name or origin
    blob = key_id(signer, key.public) + key.sign(text.encode())
    return f"{text}\n— {signer} {base64.b64encode(blob).decode('ascii')}\n"


def verify_checkpoint(note: str, origin: str, key: VerifyingKey, name: str | None = None) -> Checkpoint:
    """Check the log's own signature and read the head; raise CheckpointMismatch or Malformed.

    Other signatures (witnesses) are left alone, whatever they are. Extension lines are allowed, and ignored.
    """
    text, signatures = _split_note(note)
    # 1. Ours must be there, and every line that claims to be ours must hold (signed-note, "Signatures").
    signer = name or origin
    ours = [blob[4:] for who, blob in signatures if who == signer and blob[:4] == key_id(signer, key)]
    if not ours:
        raise CheckpointMismatch("The log's signature is missing.", expected=signer, found=len(signatures))
    for signature in ours:
        try:
            key.verify(signature, text.encode())
        except BadSignature as error:
            raise CheckpointMismatch("The log's signature does not fit the checkpoint.") from error
    # 2. Only then the text is read; another log's head proves nothing about this one.
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
        raise Malformed("A checkpoint has an origin, a size and a root, and no empty lines.")
    if lines[0] != origin:
        raise CheckpointMismatch("The checkpoint is about another log.", expected=origin, found=lines[0])
    return Checkpoint(origin, _read_size(lines[1]), _read_root(lines[2]))


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > NOTE_LIMIT or _CONTROL.search(note):
        raise Malformed("A checkpoint is short and has no control characters but line ends.")
    text, gap, rest = note.rpartition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    if not gap or not text or not rest.endswith("\n") or len(lines) > SIGNATURES_LIMIT:
        raise Malformed("A checkpoint is a text, an empty line and signature lines.")
    return text + "\n", [_read_signature(line) for line in lines]


def _read_signature(line: str) -> tuple[str, bytes]:
    match = _SIGNATURE.fullmatch(line)
    blob = _base64(match[2]) if match else b""
    if not match or len(blob) < 5:  # noqa: PLR2004 - key id and at least one byte
        raise Malformed("A signature line is an em dash, a key name and base64.")
    return match[1], blob


def _read_size(line: str) -> int:
    if not _SIZE.fullmatch(line):
        raise Malformed("The size of a checkpoint is a decimal number without leading zeroes.")
    return int(line)


def _read_root(line: str) -> bytes:
    root = _base64(line)
    if len(root) != HASH_SIZE:
        raise Malformed("The root of a checkpoint has the wrong length.", expected=HASH_SIZE, found=len(root))
    return root


def _base64(text: str) -> bytes:
    """Read standard base64 in its one spelling: no white space, padded, unused bits zero (RFC 4648 §3.5)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("This is not base64.") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise Malformed("This base64 has bits set that mean nothing.")
    return data


# --- tiles and bundles (C2SP tlog-tiles) ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile, or which bundle of entries when `level` is None; a width under 256 names a partial one."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Write the name as a path: index 1234067 becomes x001/x234/067."""
        digits = str(self.index)
        groups = [group.zfill(3) for group in re.findall(r"\d{1,3}(?=(?:\d{3})*$)", digits)]
        number = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{number}{partial}"


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Give the path of a tile of hashes."""
    return TileName(level, index, width).path


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Give the path of a bundle of entries."""
    return TileName(None, index, width).path


def read_tile_path(path: str) -> TileName:
    """Read `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` in its one spelling; raise Malformed."""
    match = _TILE.fullmatch(path) if len(path) <= _PATH_LIMIT else None
    if not match:
        raise Malformed("A tile is named like tile/0/x001/067 or tile/entries/000.p/12 (C2SP tlog-tiles).")
    level = None if match[1] == "entries" else int(match[1])
    name = TileName(level, int(re.sub(r"[x/]", "", match[2])), int(match[3] or TILE_WIDTH))
    if name.path != path or name.width > TILE_WIDTH or name.index >= 1 << 48:
        raise Malformed("The name of the tile is not in its one spelling.")
    return name


def pack_bundle(entries: Sequence[bytes]) -> bytes:
    """Give entries in order, each with its length in two bytes before it."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unpack_bundle(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Read exactly `width` entries; raise Malformed for less, more, or a length that runs over the end."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from(">H", data, at) if at + 2 <= len(data) else (len(data),)
        entry = data[at + 2 : at + 2 + length]
        if len(entry) != length:
            raise Malformed("The bundle of entries ends in the middle of one.")
        entries.append(entry)
        at += 2 + length
    if len(entries) != width:
        raise Malformed("The bundle has another number of entries.", expected=width, found=len(entries))
    return entries
