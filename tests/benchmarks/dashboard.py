"""How long the dashboard takes to answer, over the loopback interface, with a million customers.

Stays out: the snapshot (`million`), serving it (`served`), and the browser's part.
"""

from __future__ import annotations

import itertools
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from dashboard import snapshot
from dashboard.links import customers_link, profile_link
from dashboard.pages.customers import EXPORT
from tests.benchmarks.million import CUSTOMERS, write_snapshot
from tests.benchmarks.served import Reader, served

ROUNDS = 5
REQUESTS = 60
EXPORTS = 10
SEED = 20260101
_PAUSE_SECONDS, _REST_SECONDS = 0.02, 2.0
_PIECE_OF_PYTHON = "the same piece of Python each time, after a pause"
_SORTS = [
    f"{sign}{name}"
    for name in ("cltv", "churn_probability", "value_brl", "last_purchase_date", "order_count", "id")
    for sign in ("", "-")
]
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


def run() -> list[tuple[str, str]]:
    """Median and 95th percentile of whole answers, addresses drawn where a page has several.

    Of several rounds the middle one, and of the 95th percentile also the least and the largest: on a machine that is
    shared, a fixed piece of Python takes three times as long now and then.
    """
    with tempfile.TemporaryDirectory() as home:
        folder = write_snapshot(Path(home) / "published")
        ids = _ids(folder)
        with served(Path(home)) as reader:
            return _measured(reader, ids)


def _ids(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / snapshot.DATABASE), read_only=True) as connection:
        sample = f"USING SAMPLE reservoir({2 * ROUNDS * REQUESTS} ROWS) REPEATABLE ({SEED})"
        found = connection.execute(f"SELECT customer_unique_id FROM customers {sample}").fetchall()
        return [one for (one,) in found]


def _measured(reader: Reader, ids: list[str]) -> list[tuple[str, str]]:
    draw = random.Random(SEED)
    kinds: dict[str, tuple[Iterator[str], int]] = {
        "first page, by each sort": (itertools.cycle(_sorted_lists()), len(_SORTS)),
        "next pages": (_pages(reader), REQUESTS),
        "filters": (_filtered(draw), REQUESTS),
        "search": ((customers_link(q=one[:5]) for one in ids), REQUESTS),
        "profile": ((profile_link(one) for one in reversed(ids)), REQUESTS),
        "overview": (itertools.repeat("/"), REQUESTS),
        "segments": (_cuts(draw), REQUESTS),
        "actions": (
            (f"/actions?contact_cost_brl={draw.uniform(0, 1):.4f}" for _ in itertools.count()),
            REQUESTS,
        ),
        "alerts": (itertools.repeat("/alerts"), REQUESTS),
        "models and data": (itertools.repeat("/models"), REQUESTS),
        "API, filters": ((f"/api/v1{address}" for address in _filtered(draw)), REQUESTS),
    }
    rounds: list[dict[str, list[float]]] = []
    for _ in range(ROUNDS):
        times = {kind: _times(reader, addresses, number) for kind, (addresses, number) in kinds.items()}
        rounds.append(times | {_PIECE_OF_PYTHON: _times_of_python()})
    rows = [(_label(kind), _middle([one[kind] for one in rounds])) for kind in (*kinds, _PIECE_OF_PYTHON)]
    label = f"dashboard, {CUSTOMERS:,} customers, export"
    exports = (
        address.replace("/customers", EXPORT) for address in itertools.islice(_filtered(draw), EXPORTS)
    )
    starts = [_first_lines(reader, address) for address in exports]
    begins = f"p50 {1000 * statistics.median(starts):.0f} ms"
    return [*rows, (f"{label}, first lines", begins), (f"{label} of all", _whole_export(reader))]


def _sorted_lists() -> Iterator[str]:
    return (f"/customers?sort={sort}" for sort in _SORTS)


def _pages(reader: Reader) -> Iterator[str]:
    """Page after page of the longest list, each link taken from the page before."""
    address = "/customers?sort=-value_brl"
    while found := _NEXT.search(reader.get(address).text):
        address = found[1].replace("&amp;", "&")
        yield address


def _filtered(draw: random.Random) -> Iterator[str]:
    """Filters of two to four kinds, wide and narrow ones."""
    kinds: list[Callable[[], dict[str, object]]] = [
        lambda: {"risk_band": draw.choice(["red", "yellow", "green"])},
        lambda: {"value_tier": draw.choice(["High Value", "Low Value"])},
        lambda: {"state": draw.sample(["SP", "RJ", "MG", "RS", "PR", "BA"], 2)},
        lambda: {"rfm_segment": draw.sample(["Lost", "Hibernating", "New", "Loyal"], 2)},
        lambda: {"cltv_min": round(draw.uniform(0, 6), 2)},
        lambda: {"last_from": f"2017-{draw.randint(1, 12):02d}-01"},
    ]
    while True:
        chosen = draw.sample(kinds, draw.randint(2, 4))
        filters = {name: value for make in chosen for name, value in make().items()}
        yield customers_link(**filters) + f"&sort={draw.choice(_SORTS)}"


def _cuts(draw: random.Random) -> Iterator[str]:
    """Cross tables of two dimensions, filtered by a third."""
    while True:
        rows, columns, _ = draw.sample(["value_tier", "age_band", "rfm_segment"], 3)
        bands = "&".join(f"risk_band={band}" for band in draw.sample(["red", "yellow", "green"], 2))
        yield f"/segments?rows={rows}&columns={columns}&{bands}"


def _times(reader: Reader, addresses: Iterator[str], number: int) -> list[float]:
    answers = [(address, reader.get(address)) for address in itertools.islice(addresses, number)]
    for address, answer in answers:
        if answer.status != 200:
            raise RuntimeError(f"{address} answers {answer.status}")
    return [answer.seconds for _, answer in answers]


def _times_of_python() -> list[float]:
    """Times of one and the same piece of Python after pauses: how steady the machine is."""
    times = []
    for _ in range(REQUESTS):
        time.sleep(_PAUSE_SECONDS)
        started = time.perf_counter()
        sum(number * number for number in range(100_000))
        times.append(time.perf_counter() - started)
    return times


def _label(kind: str) -> str:
    return kind if kind == _PIECE_OF_PYTHON else f"dashboard, {CUSTOMERS:,} customers, {kind}"


def _middle(rounds: list[list[float]]) -> str:
    """The median of the rounds' medians and of their 95th percentiles, and how far the latter are apart."""
    p50 = 1000 * statistics.median(statistics.median(times) for times in rounds)
    p95 = sorted(1000 * _p95(times) for times in rounds)
    return f"p50 {p50:.0f} ms, p95 {statistics.median(p95):.0f} ms ({p95[0]:.0f} to {p95[-1]:.0f})"


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def _first_lines(reader: Reader, address: str) -> float:
    """Seconds until a file begins, when the export before it, which nobody reads any more, has ended."""
    time.sleep(_REST_SECONDS)
    return reader.first_bytes(address)


def _whole_export(reader: Reader) -> str:
    started = time.perf_counter()
    size = reader.size(EXPORT)
    return f"{time.perf_counter() - started:.1f} s, {size / 1e6:.0f} MB"
