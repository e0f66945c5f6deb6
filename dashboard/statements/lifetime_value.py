"""How the lifetime-value model of a month came about: families, penalties, and why one was chosen.

Stays out: choosing (`ml.clv`), and what kept a fit from being believed, which the runs in MLflow tell.
"""

from __future__ import annotations

from dashboard.formatting import count, number
from dashboard.i18n import N_, gettext, ngettext
from dashboard.statements.parts import Say, Values, difference, listed, plain

_BESIDE = {
    "better beyond noise": N_(
        "On purchases it had not seen, %(family)s is better than %(other)s beyond noise: log-likelihood per customer "
        "%(difference)s (95%% interval %(low)s to %(high)s)."
    ),
    "no better than noise allows": N_(
        "On purchases it had not seen, %(family)s is not better than %(other)s beyond noise: log-likelihood per "
        "customer %(difference)s (95%% interval %(low)s to %(high)s)."
    ),
    "worse beyond noise": N_(
        "On purchases it had not seen, %(family)s is worse than %(other)s beyond noise: log-likelihood per customer "
        "%(difference)s (95%% interval %(low)s to %(high)s)."
    ),
}


def _purchase_model_needs(values: Values) -> str:
    return gettext(
        "A purchase model needs %(needed)s customers who bought again; there are %(found)s.",
        needed=count(values["needed"]),
        found=count(values["repeat_customers"]),
    )


def _spend_model_needs(values: Values) -> str:
    return gettext(
        "The spend model (Gamma-Gamma) needs %(needed)s customers who bought again; there are %(found)s.",
        needed=count(values["needed"]),
        found=count(values["repeat_customers"]),
    )


def _spend_model_not_fitted(values: Values) -> str:
    return gettext(
        "The spend model (Gamma-Gamma) could not be fitted on the %(found)s customers who bought again.",
        found=count(values["repeat_customers"]),
    )


def _nothing_fitted(values: Values) -> str:
    return gettext(
        "No purchase model could be fitted with any penalty: %(families)s.",
        families=listed(values["families"]),
    )


def _holdout_too_small(values: Values) -> str:
    return gettext(
        "Families could not be compared: %(customers)s customers had bought again before the days kept apart, and "
        "%(purchases)s purchases lie in them; %(needed)s of each are needed.",
        customers=count(values["repeat_customers"]),
        purchases=count(values["purchases"]),
        needed=count(values["needed"]),
    )


def _penalizer_smallest(values: Values) -> str:
    return gettext(
        "%(family)s: penalty %(penalty)s is the smallest that could be fitted.",
        family=values["family"],
        penalty=_penalty(values),
    )


def _penalizer_judged(values: Values) -> str:
    own = gettext(
        "%(family)s: of %(tried)s penalties %(believable)s could be believed, and %(penalty)s made the %(purchases)s "
        "purchases of the %(days)s days kept apart most likely (log-likelihood %(value)s per customer); fitted anew on "
        "all customers.",
        family=values["family"],
        tried=count(values["tried"]),
        believable=count(values["believable"]),
        penalty=_penalty(values),
        purchases=count(values["purchases"]),
        days=count(values["days"]),
        value=number(values["log_likelihood"], 5),
    )
    passed = values["passed_over"]
    if not passed:
        return own
    more = ngettext(
        "%(count)s better penalty could not be fitted on all customers.",
        "%(count)s better penalties could not be fitted on all customers.",
        passed,
        count=count(passed),
    )
    return f"{own} {more}"


def _penalty(values: Values) -> str:
    return f"{values['penalizer']:g}"


def _not_fitted(values: Values) -> str:
    return gettext("%(family)s could not be fitted.", family=values["family"])


def _beside(values: Values) -> str:
    text = _BESIDE[values["verdict"]]
    return gettext(text, family=values["family"], other=values["other"], **difference(values, 6))


def _undetermined(values: Values) -> str:
    return gettext(
        "These purchases do not determine %(parameters)s: the standard error is as large as the value.",
        parameters=listed(values["parameters"]),
    )


def _better(values: Values) -> str:
    return gettext(
        "%(family)s was chosen: it is better than %(other)s beyond noise.",
        family=values["family"],
        other=values["other"],
    )


def _instead(values: Values) -> str:
    return gettext(
        "%(family)s was chosen, as %(other)s could not be fitted.",
        family=values["family"],
        other=values["other"],
    )


def _best(values: Values) -> str:
    return gettext("%(family)s was kept: no other family is better beyond noise.", family=values["family"])


def _kept(values: Values) -> str:
    return gettext("%(family)s was kept, as the default.", family=values["family"])


def _spend_penalizer(values: Values) -> str:
    return gettext(
        "Spend model (Gamma-Gamma): penalty %(penalty)s is the smallest that could be fitted.",
        penalty=_penalty(values),
    )


WORDS: dict[str, Say] = {
    "purchase_model_needs": _purchase_model_needs,
    "spend_model_needs": _spend_model_needs,
    "spend_model_not_fitted": _spend_model_not_fitted,
    "nothing_fitted": _nothing_fitted,
    "holdout_too_small": _holdout_too_small,
    "nothing_before_holdout": plain(
        N_("Families could not be compared: nothing could be fitted before the days kept apart.")
    ),
    "penalizer_smallest": _penalizer_smallest,
    "penalizer_judged": _penalizer_judged,
    "family_not_fitted": _not_fitted,
    "family_beside_default": _beside,
    "undetermined": _undetermined,
    "family_better": _better,
    "family_instead": _instead,
    "default_best": _best,
    "default_kept": _kept,
    "spend_penalizer": _spend_penalizer,
    "value_not_judged": plain(N_("How well it foretells value could not be judged.")),
}
