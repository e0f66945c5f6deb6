"""What was decided on a version of a model, and why.

Stays out: deciding (the promotion gate of the pipeline).
"""

from __future__ import annotations

from dashboard.formatting import number
from dashboard.i18n import N_, gettext
from dashboard.statements.parts import Say, Values, day_of, difference, plain
from dashboard.terms import metric

_VERDICTS = {
    "no worse than": N_("No worse than version %(version)s on the same customers: %(figures)s."),
    "worse than": N_("Worse than version %(version)s on the same customers: %(figures)s."),
    "more complex and better than": N_(
        "More complex and better than version %(version)s on the same customers: %(figures)s."
    ),
    "more complex and not better beyond noise than": N_(
        "More complex and not better beyond noise than version %(version)s on the same customers: %(figures)s."
    ),
}


def _compared(values: Values) -> str:
    figures = "; ".join(_figure(figure) for figure in values["figures"])
    text = _VERDICTS[values["verdict"]]
    return gettext(text, version=values["version"], figures=figures)


def _figure(values: Values) -> str:
    return gettext(
        "%(figure)s %(challenger)s against %(champion)s (difference %(difference)s, 95%% interval %(low)s to %(high)s)",
        figure=metric(values["metric"]).label,
        challenger=number(values["challenger"], 4),
        champion=number(values["champion"], 4),
        **difference(values, 4),
    )


def _never_judged(values: Values) -> str:
    return gettext(
        "Version %(version)s was never judged; this one knows newer data.", version=values["version"]
    )


def _not_judged(values: Values) -> str:
    return gettext(
        "It could not be judged on data it had not seen; version %(version)s, which was, stays.",
        version=values["version"],
    )


def _leak(values: Values) -> str:
    return gettext(
        "Leak alarm: a ROC AUC of %(value)s is above %(limit)s; some feature knows the outcome.",
        value=number(values["roc_auc"]),
        limit=number(values["limit"], 2),
    )


def _by_hand(values: Values) -> str:
    if not values["reason"]:
        return gettext("Chosen by hand.")
    return gettext("Chosen by hand: “%(reason)s”", reason=values["reason"])


def _stays(values: Values) -> str:
    return gettext(
        "Version %(version)s, fitted as of %(day)s, stays.",
        version=values["version"],
        day=day_of(values["as_of"]),
    )


WORDS: dict[str, Say] = {
    "first_version": plain(N_("No version served before.")),
    "champion_never_judged": _never_judged,
    "not_judged": _not_judged,
    "compared_with_champion": _compared,
    "leak_alarm": _leak,
    "alias_moved": plain(N_("The alias was moved to it by hand.")),
    "chosen_by_hand": _by_hand,
    "champion_stays": _stays,
}
