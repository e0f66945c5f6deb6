"""Run the pipeline on the real data and on simulated shops, and write what came of it to docs/results.md.

Stays out: the tables (`tests.benchmarks.report`). Nothing in the document is typed in: every figure is of these runs.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import textwrap
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from tests.benchmarks.report.ceilings import ceiling_section
from tests.benchmarks.report.churn import Month, churn_months, churn_section
from tests.benchmarks.report.homes import ROOT, Home, run_history
from tests.benchmarks.report.many_shops import many_shops_section
from tests.benchmarks.report.summary import column, summary
from tests.benchmarks.report.truth import settings_of, simulated_shop
from tests.benchmarks.report.value import value_section
from tests.benchmarks.report.value_truth import expectation_section, parameters_section
from tests.benchmarks.report.watching import drift_section, forecast_section, past_section

DOCUMENT = ROOT / "docs" / "results.md"
OLIST = ROOT.parent / "shared" / "data" / "olist"
CUSTOMERS, SEED, SHOPS = 100_000, 20260101, 20
WIDTH = 120
_HEAD = """\
# Results

Written by `make results`: every figure and every count in a sentence is of the runs it made, with default settings.
Brackets are 95 % intervals, of bootstraps over customers unless said otherwise: they tell how much a figure depends on
who happened to be a customer, not on how a model was fitted. [models.md](models.md) says what the figures mean.
"""
_VALUE = """\
Each month's model is judged on the horizon before its as-of date, with a fit that had not seen it. Errors are predicted
over seen less 1; the naive forecast lets everybody buy at the population's past rate. *80 % intervals held* counts
groups of customers of like age and frequency whose purchases lay in their interval, with an exact binomial interval.
"""
_CHURN = """\
ROC-AUC of every candidate on the customers of the validation cutoff; the one that the month fitted is bold. *Gain* is
its ROC-AUC less that of recency alone, paired. The simplest candidate that no more complex one beats beyond noise is
fitted. MLflow keeps the intervals of the fitted candidate and of recency alone; the others' come from training once
more, on the real data in every month and on simulated data in the newest. Noise alone makes
a calibration error positive; its interval takes that out at the lower end.
"""
_PAST = """\
Scores of earlier months against what these customers did since: purchases and returns within {horizon} days, discounted
spend within {cltv_horizon}.
"""
_FORECAST = "Discounted spend of the {cltv_horizon} days after each month, in BRL, beside the forecast made at its end."


def main() -> None:
    """Run, read and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--olist", type=Path, default=OLIST, help="the folder of the real data")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="customers of the simulated shops")
    parser.add_argument(
        "--keep", type=Path, help="a folder that keeps the runs; those found in it are not repeated"
    )
    parser.add_argument("--out", type=Path, default=DOCUMENT, help="the document to write")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.keep or Path(temporary)).resolve()
        parts = _document(Console(), folder, arguments.olist, arguments.customers)
    arguments.out.write_text("\n\n".join(_wrapped(part) for part in parts) + "\n", encoding="utf-8")


def _wrapped(part: str) -> str:
    """A paragraph in lines of the document's width; tables and headings stay as they are."""
    if part.startswith(("|", "#")):
        return part.strip()
    return textwrap.fill(" ".join(part.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def _document(console: Console, folder: Path, olist: Path, customers: int) -> list[str]:
    chapters: list[str] = []
    columns: dict[str, list[str]] = {}
    if olist.exists():
        console.print("running all months on the real data ...")
        real = run_history(olist, folder / "real")
        months = churn_months(real)
        columns["real data"] = column(real, months)
        chapters += _real(real, months)
    else:
        console.print(f"no real data at {olist}: their chapter is left out")
        chapters.append("There were no real data when this was written, so there is no chapter on them.")
    for name, strength in (("shop", 1.0), ("pure", 0.0)):
        console.print(f"running all months on the simulated {name} ...")
        source = simulated_shop(folder / f"{name}-source", customers, SEED, strength)
        home = run_history(source, folder / name)
        months = churn_months(home, again=1)
        columns["simulated shop" if strength else "simulated, pure"] = column(home, months)
        chapters += _simulated(home, months) if strength else _pure(home, months)
    return [_HEAD, summary(columns), *chapters]


def _real(home: Home, months: list[Month]) -> Iterable[str]:
    (facts,) = home.query("FROM raw.data_source").to_dict("records")
    yield "## Real data"
    yield (
        "`../shared/data/olist`: Olist's public orders, partly reconstructed (see its README). "
        f"Fingerprint `{facts['fingerprint'][:12]}`, Python {platform.python_version()}."
    )
    yield from _months(home, months)


def _simulated(home: Home, months: list[Month]) -> Iterable[str]:
    config = settings_of(home.source)
    yield "## Simulated shop"
    yield (
        f"**These data are simulated**: {config.customers:,} customers, seed {config.seed}, from {config.start} to "
        f"{config.end}; late deliveries and bad reviews drive customers away, so the purchase models' assumptions do "
        "not hold exactly."
    )
    yield from _months(home, months)
    yield from ceiling_section(home, months)


def _pure(home: Home, months: list[Month]) -> Iterable[str]:
    config = settings_of(home.source)
    yield "## Simulated shop of pure BG/NBD and Gamma-Gamma customers"
    yield (
        f"**These data are simulated**: {config.customers:,} customers, seed {config.seed}; the models' assumptions "
        "hold exactly, but for days and centavos."
    )
    yield "### True parameters and fitted ones"
    yield from parameters_section(home)
    yield "### Customers' intervals and the true expected value"
    yield (
        "The true expected value of a customer is what the formulas give for their history with the population's true "
        "parameters in place of fitted ones. All customers of a shop share the fitted parameters, and its months share "
        "most of their purchases, so in one shop the share of intervals that hold it may be anything; 80 % is meant "
        "over many shops."
    )
    yield from expectation_section(home)
    yield from many_shops_section(SHOPS, config.customers // 2)
    yield "### Forecasts of segments"
    yield from forecast_section(home)
    yield from ceiling_section(home, months)


def _months(home: Home, months: list[Month]) -> Iterable[str]:
    parameters = home.work("models.churn_model", "2018-08").parameters
    horizons = {"horizon": parameters["horizon_days"], "cltv_horizon": parameters["cltv_horizon_days"]}
    yield from ("### Lifetime value", _VALUE, *value_section(home))
    yield from ("### Churn", _CHURN, *churn_section(home, months))
    yield from ("### What came true", _PAST.format(**horizons), *past_section(home))
    yield from ("### Forecasts of segments", _FORECAST.format(**horizons), *forecast_section(home))
    yield from ("### Drift", *drift_section(home))


if __name__ == "__main__":
    main()
