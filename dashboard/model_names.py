"""Names of the kinds of models and of the naive baselines they are judged beside, in the language of the request.

Stays out: what the models answer and their figures (`dashboard.terms`).
"""

from __future__ import annotations

from dashboard.i18n import N_, gettext

CHOICES = {
    "BG/NBD": N_("BG/NBD"),
    "MBG/NBD": N_("MBG/NBD"),
    "Pareto/NBD": N_("Pareto/NBD"),
    "recency alone": N_("recency alone"),
    "purchase model": N_("purchase model"),
    "logistic regression": N_("logistic regression"),
    "histogram gradient boosting": N_("histogram gradient boosting"),
    "catboost": N_("CatBoost"),
}
BASELINES = {
    "recency alone": N_("recency alone"),
    "customers in random order": N_("customers in random order"),
    "every customer buys at the population's past rate": N_(
        "every customer buys at the population's past rate"
    ),
    "every customer buys at the population's past rate and spends its past mean": N_(
        "every customer buys at the population's past rate and spends its past mean"
    ),
}


def choice_label(choice: str) -> str:
    """The kind of a model in words, with the number it may end on; its own name where it has no words."""
    name, _, number = choice.rpartition(" ")
    if number.isdecimal():
        return f"{choice_label(name)} {number}"
    return gettext(CHOICES[choice]) if choice in CHOICES else choice


def baseline_label(baseline: str) -> str:
    """What a baseline guesses, in words; its own name where it has none."""
    return gettext(BASELINES[baseline]) if baseline in BASELINES else baseline
