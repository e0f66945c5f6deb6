"""How the churn model of a month came about: what it was fitted and judged on, and why it was chosen.

Stays out: choosing (`ml.churn`).
"""

from __future__ import annotations

from dashboard.formatting import count, share
from dashboard.i18n import N_, gettext
from dashboard.model_names import choice_label
from dashboard.statements.parts import Say, Values, day_of, difference, listed, plain, sentence, signed

_BESIDE = {
    "better": N_("%(one)s beats %(other)s beyond noise: ROC AUC %(difference)s (%(low)s to %(high)s)."),
    "no better": N_(
        "%(one)s does not beat %(other)s beyond noise: ROC AUC %(difference)s (%(low)s to %(high)s)."
    ),
    "worse log loss": N_(
        "%(one)s has a worse log loss than %(other)s: %(difference)s (%(low)s to %(high)s)."
    ),
}


def _too_few(values: Values) -> str:
    numbers = {name: count(values[name]) for name in ("returned", "customers", "days", "needed")}
    if values["cutoff"] is None:
        return gettext(
            "Among the customers to learn from, %(returned)s of %(customers)s came back within %(days)s days; at least "
            "%(needed)s must come back, and as many stay away.",
            **numbers,
        )
    return gettext(
        "Among the customers of %(cutoff)s to judge by, %(returned)s of %(customers)s came back within %(days)s days; "
        "at least %(needed)s must come back, and as many stay away.",
        cutoff=day_of(values["cutoff"]),
        **numbers,
    )


def _beside(values: Values) -> str:
    text = _BESIDE[values["verdict"]]
    decimals = 5 if values["verdict"] == "worse log loss" else 3
    one, other = choice_label(values["one"]), choice_label(values["other"])
    return sentence(gettext(text, one=one, other=other, **difference(values, decimals)))


def _simplest(values: Values) -> str:
    return gettext(
        "The simplest that no more complex one beats serves: %(served)s.",
        served=choice_label(values["served"]),
    )


def _fitted_on_purchases(values: Values) -> str:
    own = gettext("Fitted on purchases before %(day)s.", day=day_of(values["before"]))
    return own + _calibrated(values)


def _fitted_on_rows(values: Values) -> str:
    own = gettext(
        "Fitted on %(rows)s rows of the days %(days)s.",
        rows=count(values["rows"]),
        days=listed(day_of(cutoff) for cutoff in values["cutoffs"]),
    )
    if values["trees"]:
        trees = count(values["trees"])
        own += " " + gettext(
            "It has %(trees)s trees, as many as customers kept apart had use for.", trees=trees
        )
    return own + _calibrated(values)


def _calibrated(values: Values) -> str:
    if values["calibration"] is None:
        return ""
    intercept, slope = values["calibration"]
    return " " + gettext(
        "Calibrated on data before: log-odds %(intercept)s %(slope)s times its own.",
        intercept=signed(intercept, 2),
        slope=signed(slope, 2),
    )


def _judged(values: Values) -> str:
    return gettext(
        "Judged on %(customers)s customers at %(day)s, of whom %(returned)s came back within %(days)s days.",
        customers=count(values["customers"]),
        day=day_of(values["cutoff"]),
        returned=share(values["returned"], 2),
        days=count(values["days"]),
    )


def _refitted(values: Values) -> str:
    if values["rows"] is None:
        return gettext("Then fitted on all purchases.")
    return gettext("Then fitted on all %(rows)s rows.", rows=count(values["rows"]))


WORDS: dict[str, Say] = {
    "too_few_returns": _too_few,
    "candidate_beside_simpler": _beside,
    "simplest_serves": _simplest,
    "fitted_as_baseline": plain(N_("Fitted as the baseline.")),
    "asked_for": plain(N_("Asked for, not chosen among others.")),
    "fitted_on_purchases": _fitted_on_purchases,
    "fitted_on_rows": _fitted_on_rows,
    "judged_on": _judged,
    "refitted": _refitted,
}
