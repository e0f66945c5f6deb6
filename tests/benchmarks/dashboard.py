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

REQUESTS = 200
EXPORTS = 10
SEED = 20260101
_PAUSE_SECONDS, _PIECE = 0.02, 100_000
_REST_SECONDS = 2.0
_SORTS = [
    f"{sign}{name}"
    for name in ("cltv", "churn_probability", "value_brl", "last_purchase_date", "order_count", "id")
    for sign in ("", "-")
]
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


def run() -> list[tuple[str, str]]:
    """Median and 95th percentile of whole answers, addresses drawn where a page has several."""
    with tempfile.TemporaryDirectory() as home:
        folder = write_snapshot(Path(home) / "published")
        ids = _ids(folder)
        steadiness = ("the same piece of Python each time, after a pause", _steadiness())
        with served(Path(home)) as reader:
            return [*_measured(reader, ids), steadiness]


def _ids(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / snapshot.DATABASE), read_only=True) as connection:
        sample = f"USING SAMPLE reservoir({3 * REQUESTS} ROWS) REPEATABLE ({SEED})"
        found = connection.execute(f"SELECT customer_unique_id FROM customers {sample}").fetchall()
        return [one for (one,) in found]


def _measured(reader: Reader, ids: list[str]) -> list[tuple[str, str]]:
    draw = random.Random(SEED)
    kinds: dict[str, tuple[Iterator[str], int]] = {
        "first page, by each sort": (_sorted_lists(), len(_SORTS)),
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
    rows = [
        (f"dashboard, {CUSTOMERS:,} customers, {kind}", _timed(reader, addresses, number))
        for kind, (addresses, number) in kinds.items()
    ]
    label = f"dashboard, {CUSTOMERS:,} customers, export"
    exports = (
        address.replace("/customers", EXPORT) for address in itertools.islice(_filtered(draw), EXPORTS)
    )
    starts = [_first_lines(reader, address) for address in exports]
    return [*rows, (f"{label}, first lines", _summary(starts)), (f"{label} of all", _whole_export(reader))]


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


def _timed(reader: Reader, addresses: Iterator[str], number: int) -> str:
    times = []
    for address in itertools.islice(addresses, number):
        answer = reader.get(address)
        times.append(answer.seconds)
        if answer.status != 200:
            return f"not measured: {address} answers {answer.status}"
    return _summary(times)


def _steadiness() -> str:
    """How far apart the machine alone puts a median and a 95th percentile."""
    times = []
    for _ in range(REQUESTS):
        time.sleep(_PAUSE_SECONDS)
        started = time.perf_counter()
        sum(number * number for number in range(_PIECE))
        times.append(time.perf_counter() - started)
    return _summary(times)


def _summary(times: list[float]) -> str:
    p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
    return f"p50 {1000 * statistics.median(times):.0f} ms, p95 {1000 * p95:.0f} ms"


def _first_lines(reader: Reader, address: str) -> float:
    """Seconds until a file begins, when the export before it, which nobody reads any more, has ended."""
    time.sleep(_REST_SECONDS)
    return reader.first_bytes(address)


def _whole_export(reader: Reader) -> str:
    started = time.perf_counter()
    size = reader.size(EXPORT)
    return f"{time.perf_counter() - started:.1f} s, {size / 1e6:.0f} MB"
