"""Percentiles, medians and verdicts: the arithmetic between what was measured and what is said."""

from __future__ import annotations

import pytest

from ops.bench import admission, client, fill, report
from ops.bench.admission import ADMISSION, BATCHES, EACH, GROUPED, Sample


def sample(server: str, rate: float, *, clients: int = 32, p99_ms: float = 40, others: float = 0.0) -> Sample:
    return Sample(server, clients, rate, p99_ms / 2, p99_ms, 500, others)


def test_a_percentile_lies_between_the_values_around_it():
    times = [float(number) for number in range(1, 102)]
    assert client.percentile(times, 0.5) == pytest.approx(51)
    assert client.percentile(times, 0.99) == pytest.approx(100)
    assert client.percentile(times, 0.999) == pytest.approx(100.9)


def test_the_order_of_the_values_does_not_matter():
    assert client.percentile([3.0, 1.0, 2.0], 0.5) == 2.0


@pytest.mark.parametrize(("times", "expected"), [([], 0.0), ([7.0], 7.0), ([2.0, 4.0], 3.0)])
def test_few_values_have_percentiles_too(times: list[float], expected: float):
    assert client.percentile(times, 0.5) == pytest.approx(expected)


def test_medians_are_taken_by_server_and_clients():
    found = admission.medians(
        [
            sample(ADMISSION, 100),
            sample(ADMISSION, 900),
            sample(ADMISSION, 200),
            sample(ADMISSION, 50, clients=1),
        ]
    )
    assert [(each.clients, each.rate) for each in found] == [(32, 200), (1, 50)]


def rows(**rates: float) -> dict[str, report.Row]:
    names = {"admission": ADMISSION, "each": EACH, "grouped": GROUPED, "batches": BATCHES}
    found = [sample(names[name], rate) for name, rate in rates.items()]
    return {row.what.partition(", ")[2]: row for row in admission.judged("sqlite", found)}


def test_admission_is_compared_with_the_faster_limit():
    found = rows(each=500, grouped=2500, admission=1600, batches=4000)
    assert found[ADMISSION].ratio == pytest.approx(0.64)
    assert found[ADMISSION].reached is True
    assert found[BATCHES].ratio == pytest.approx(2.5)
    assert found[BATCHES].reached is True


@pytest.mark.parametrize(
    "rates",
    [
        {"each": 500, "grouped": 2500, "admission": 1499, "batches": 4000},
        {"each": 500, "grouped": 3000, "admission": 1600, "batches": 4000},
    ],
)
def test_too_slow_or_too_far_from_the_limit_is_not_reached(rates: dict[str, float]):
    assert rows(**rates)[ADMISSION].reached is False


def test_batches_must_be_twice_as_fast_as_single_messages():
    assert rows(each=1, grouped=2, admission=1600, batches=3100)[BATCHES].reached is False


def test_waiting_too_long_is_not_reached_however_many_are_admitted():
    found = [sample(GROUPED, 2000), sample(ADMISSION, 1900, p99_ms=61)]
    assert [row.reached for row in admission.judged("sqlite", found)] == [None, False]


def test_a_sample_among_others_work_is_called_noisy():
    found = [sample(GROUPED, 2000), sample(ADMISSION, 1900, others=0.6)]
    assert [row.noisy for row in admission.judged("sqlite", found)] == [False, True]


def test_a_lone_client_sends_fewer_messages():
    plan = admission.Plan(("sqlite",), (1, 8, 32), 3000, 3)
    assert [plan.count(clients) for clients in plan.clients] == [750, 1500, 3000]


def test_a_part_of_the_full_size_is_never_empty():
    assert fill.LARGE.scaled(0.01) == fill.Size(10, 10_000, 100_000)
    assert fill.LARGE.scaled(0.000001).messages == 10
