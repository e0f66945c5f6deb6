"""The lifetime-value model over all months: parameters, figures of the holdout, the gate's decisions.

Stays out: what came true afterwards (`watching`) and the truth behind a simulation (`value_truth`).
"""

from __future__ import annotations

import re
from typing import Any

from ml.clv.family import FAMILIES
from tests.benchmarks.report.homes import Home, ModelRun
from tests.benchmarks.report.markdown import NONE, baseline, number, significant, table

MODEL = "cltv_model"
_PARAMETERS = ("month", "family", "penalizer", "parameters ± standard error (α, β in days)", "gate")
_FIGURES = (
    "month",
    "error of purchases",
    "naive",
    "error of value",
    "naive",
    "Gini of value",
    "top tenth's share of value",
    "80 % intervals held",
)


def value_section(home: Home) -> list[str]:
    """Both tables, and the months without a model."""
    references = home.references(MODEL)
    runs = {
        row["snapshot_month"]: home.model_run(MODEL, row["trained_version"]) for row in _fitted(references)
    }
    judged = [month for month, run in runs.items() if "holdout_total_error" in run.figures]
    return [
        table(
            _PARAMETERS,
            [_parameters(row, runs[row["snapshot_month"]]) for row in _fitted(references)],
        ),
        table(_FIGURES, [_figures(month, runs[month]) for month in judged]),
        _sentence(home, runs, judged),
        without_model(references),
    ]


def value_runs(home: Home) -> dict[str, ModelRun]:
    """The run of each month that has a version of its own."""
    rows = _fitted(home.references(MODEL))
    return {row["snapshot_month"]: home.model_run(MODEL, row["trained_version"]) for row in rows}


def without_model(references: list[dict[str, Any]]) -> str:
    """A sentence on the months that have no version of their own, with the newest one's reason."""
    missing = [row for row in references if row["trained_version"] is None]
    if not missing:
        return "Every month has a model of its own."
    first, last = missing[0]["snapshot_month"], missing[-1]
    span = first if len(missing) == 1 else f"{first} to {last['snapshot_month']}"
    return f"No model of their own: {len(missing)} months, {span}. The last of them: {last['reason']}."


def gate_of(row: dict[str, Any], run: ModelRun) -> str:
    """What the gate decided on a month's version, and against which."""
    against = f", against {run.version.compared_with}" if run.version.compared_with else ""
    return f"version {row['trained_version']} {row['decision']}{against}"


def with_errors(run: ModelRun, names: tuple[str, ...]) -> str:
    """Parameters with their standard errors; one that is no larger than its error is not determined."""
    told = []
    for name in names:
        value, error = float(run.parameters[name]), float(run.parameters[f"se_{name}"])
        sign = {"alpha": "α", "beta": "β"}.get(name, name)
        unknown = " (not determined)" if error >= value else ""
        told.append(f"{sign} {significant(value)} ± {significant(error)}{unknown}")
    return ", ".join(told)


def _fitted(references: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in references if row["trained_version"] is not None]


def _parameters(row: dict[str, Any], run: ModelRun) -> list[str]:
    family = run.parameters["family"]
    names = FAMILIES[family].parameter_names
    return [
        row["snapshot_month"],
        family,
        f"{float(run.parameters['penalizer']):g}",
        with_errors(run, names),
        gate_of(row, run),
    ]


def _figures(month: str, run: ModelRun) -> list[str]:
    found = run.figures.get
    total, value = found("holdout_total_error"), found("holdout_value_error")
    return [
        month,
        number(total, "+.1%"),
        baseline(total, "+.1%"),
        number(value, "+.1%"),
        baseline(value, "+.1%"),
        number(found("holdout_gini")),
        number(found("holdout_top_decile_share"), ".1%"),
        number(found("interval_coverage_80"), ".0%"),
    ]


def _sentence(home: Home, runs: dict[str, ModelRun], judged: list[str]) -> str:
    """How often each family did better than the default beyond noise, and how often the interval holds zero."""
    totals = [runs[month].figures["holdout_total_error"] for month in judged]
    around_zero = sum(total.low <= 0 <= total.high for total in totals)
    closer = sum(
        abs(total.value) < abs(total.baseline_value) for total in totals if total.baseline_value is not None
    )
    chosen = sorted({run.parameters["family"] for run in runs.values()})
    counted = ", ".join(
        f"{name} in {sum(run.parameters['family'] == name for run in runs.values())}" for name in chosen
    )
    last = runs[judged[-1]] if judged else None
    reason = _others(home, last) if last else NONE
    return (
        f"Chosen family, by months: {counted}. In {closer} of {len(judged)} judged months the model's total is "
        f"closer than the naive one's, and in {around_zero} its 95 % interval holds zero. {reason}"
    )


def _others(home: Home, run: ModelRun) -> str:
    """What the newest judged month says of the other families, in its own words."""
    tags = home.tracking.client().get_run(run.version.run_id).data.tags
    sentences = re.findall(r"[A-Za-z/]+NBD's holdout log-likelihood [^:]*: [^.]*\.", tags["reason"])
    return " ".join([f"In {run.version.month}:", *sentences, tags["spend_check"]])
