"""The words and colours of the terms on the pages: dimensions, segments, actions, models and metrics.

Stays out: how numbers are written (`dashboard.formatting`) and the layout (`dashboard/templates`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.i18n import N_, gettext

HIGH_VALUE, LOW_VALUE = "High Value", "Low Value"
RED, YELLOW, GREEN, UNKNOWN_RISK = "red", "yellow", "green", "unknown"
UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Term:
    """A segment as shown: its words, the token of its colour, and a shape so that colour is never alone."""

    name: str
    token: str
    shape: str = ""

    @property
    def label(self) -> str:
        """Its words in the language of the request."""
        return gettext(self.name)


_TERMS: dict[str, dict[str, Term]] = {
    "value_tier": {
        HIGH_VALUE: Term(N_("High Value"), "value-high"),
        LOW_VALUE: Term(N_("Low Value"), "value-low"),
        UNKNOWN: Term(N_("Unknown"), "none"),
    },
    "age_band": {
        "Child 0–12": Term(N_("Child 0–12"), "age-1"),
        "Teen 13–19": Term(N_("Teen 13–19"), "age-2"),
        "Adult 20–64": Term(N_("Adult 20–64"), "age-3"),
        "Elderly 65+": Term(N_("Elderly 65+"), "age-4"),
        UNKNOWN: Term(N_("Unknown"), "none"),
    },
    "risk_band": {
        RED: Term(N_("Red: at risk"), "risk-red", "▲"),
        YELLOW: Term(N_("Yellow: watch"), "risk-yellow", "◆"),
        GREEN: Term(N_("Green: likely to return"), "risk-green", "●"),
        UNKNOWN_RISK: Term(N_("Unknown: not enough data"), "none", "○"),
    },
    "rfm_segment": {
        "Champions": Term(N_("Champions"), "rfm-1"),
        "Loyal": Term(N_("Loyal"), "rfm-2"),
        "Promising": Term(N_("Promising"), "rfm-3"),
        "New": Term(N_("New"), "rfm-4"),
        "Needs attention": Term(N_("Needs attention"), "rfm-5"),
        "At risk": Term(N_("At risk"), "rfm-6"),
        "Hibernating": Term(N_("Hibernating"), "rfm-7"),
        "Lost": Term(N_("Lost"), "rfm-8"),
    },
    "action": {
        "VIP promotion": Term(N_("VIP promotion"), "rfm-1"),
        "Churn prevention": Term(N_("Churn prevention"), "rfm-2"),
        "Repurchase inducement": Term(N_("Repurchase inducement"), "rfm-6"),
        "Win-back": Term(N_("Win-back"), "rfm-4"),
        "Service recovery": Term(N_("Service recovery"), "rfm-5"),
        "Nurture": Term(N_("Nurture"), "rfm-7"),
    },
}

DIMENSIONS = {
    "value_tier": N_("Value tier"),
    "age_band": N_("Age band"),
    "risk_band": N_("Churn risk"),
    "rfm_segment": N_("RFM segment"),
    "action": N_("Recommended action"),
}

ACTION_MEANINGS = {
    "VIP promotion": N_("High value and likely to return: thank them and show them new things first."),
    "Churn prevention": N_("High value but silent: reach them before they are gone."),
    "Repurchase inducement": N_("Bought lately, the next purchase is likeliest now: give a reason for it."),
    "Win-back": N_("Gone for a long time: one strong offer, then let go."),
    "Service recovery": N_("A bad review or a late delivery: apologise before selling."),
    "Nurture": N_("Modest value and nothing urgent: keep in touch at low cost."),
}


@dataclass(frozen=True)
class Metric:
    """A model figure as shown.

    `unit` is 'share', 'times', 'small' (four decimals) or '' (three); `better` says where good lies:
    'high', 'low', 'zero', or '' when the figure is no grade.
    """

    name: str
    explanation: str
    unit: str
    better: str

    @property
    def label(self) -> str:
        """Its name in the language of the request."""
        return gettext(self.name)

    @property
    def meaning(self) -> str:
        """What it says, in that language."""
        return gettext(self.explanation) if self.explanation else ""


MODELS = {
    "churn_model": N_("Who will buy again"),
    "cltv_model": N_("How much they will buy"),
}

METRICS = {
    "roc_auc": Metric(
        N_("Ranking (ROC AUC)"),
        N_("How often a returning customer ranks above one who stays away. 0.5 is a coin toss."),
        "",
        "high",
    ),
    "lift_at_10pct": Metric(
        N_("Lift in the top 10%"),
        N_("Returning customers among the best-ranked tenth, against a random tenth."),
        "times",
        "high",
    ),
    "base_rate": Metric(
        N_("Customers who came back"), N_("Share that bought again within the horizon."), "share", ""
    ),
    "roc_auc_gain": Metric(
        N_("Gain in ranking"),
        N_(
            "ROC AUC above the baseline's on the same customers, which decides between them. Zero is no gain."
        ),
        "",
        "high",
    ),
    "pr_auc": Metric(
        N_("Precision over recall (PR AUC)"),
        N_("How pure the top of the list is. The base rate is chance."),
        "small",
        "high",
    ),
    "brier": Metric(
        N_("Error of the probability (Brier)"), N_("Mean squared error of the probability."), "small", "low"
    ),
    "log_loss": Metric(N_("Surprise (log loss)"), N_("Penalises confident mistakes."), "small", "low"),
    "expected_calibration_error": Metric(
        N_("Calibration error"),
        N_("Mean distance between the predicted and the observed return rate."),
        "small",
        "low",
    ),
    "holdout_log_likelihood": Metric(
        N_("Plausibility of what happened"),
        N_(
            "Mean log-probability that the model gave to each customer's purchases. Nearer to zero is better."
        ),
        "small",
        "high",
    ),
    "holdout_total_error": Metric(
        N_("Error of the total"),
        N_("Predicted number of purchases of all customers against the real one. Zero is exact."),
        "share",
        "zero",
    ),
    "holdout_mae": Metric(
        N_("Error per customer"),
        N_("Mean distance of predicted and real purchases of a customer."),
        "small",
        "low",
    ),
    "holdout_correlation": Metric(
        N_("Correlation"), N_("Of predicted with real purchases. 1 is perfect, 0 is none."), "", "high"
    ),
    "holdout_spearman": Metric(
        N_("Rank correlation"),
        N_("Of predicted with real purchases, by rank. 1 is perfect, 0 is none."),
        "",
        "high",
    ),
    "holdout_gini": Metric(
        N_("Ranking by value (Gini)"),
        N_("How well customers are ordered by what they went on to spend. 1 is perfect, 0 is chance."),
        "",
        "high",
    ),
    "holdout_top_decile_share": Metric(
        N_("Value in the top tenth"),
        N_("Share of all later spend that came from the tenth predicted to be worth most."),
        "share",
        "high",
    ),
    "holdout_value_error": Metric(
        N_("Error of the value"),
        N_("Predicted spend of all customers against the real one. Zero is exact."),
        "share",
        "zero",
    ),
    "interval_coverage_80": Metric(
        N_("Coverage of the intervals"),
        N_("Share of customer groups whose purchases lay in their 80% interval. 80% is exact."),
        "share",
        "",
    ),
    "spend_frequency_correlation": Metric(
        N_("Spend and frequency"),
        N_("Rank correlation of how much and how often customers buy; the spend model assumes none."),
        "",
        "",
    ),
    "holdout_rmse": Metric(
        N_("Error per customer, squared"), N_("As above, with large errors weighing more."), "small", "low"
    ),
}


def term(dimension: str, segment: str) -> Term:
    """How `segment` of `dimension` is shown; one without an entry speaks for itself in a neutral colour."""
    return _TERMS.get(dimension, {}).get(segment, Term(segment, "none"))


def dimension_label(dimension: str) -> str:
    """What customers are grouped by, in the language of the request."""
    return gettext(DIMENSIONS[dimension])


def action_meaning(action: str) -> str:
    """What an action asks for, in the language of the request; '' for one that has no words."""
    return gettext(ACTION_MEANINGS[action]) if action in ACTION_MEANINGS else ""


def model_label(model: str) -> str:
    """What a model answers, in the language of the request; its name where it has no words."""
    return gettext(MODELS[model]) if model in MODELS else model


def rank(dimension: str, segment: str) -> tuple[int, str]:
    """A sort key: the known segments in their own order, the others after them by name."""
    known = list(_TERMS.get(dimension, {}))
    return (known.index(segment) if segment in known else len(known), segment)


def metric(name: str) -> Metric:
    """How the model figure `name` is shown; one without an entry keeps its name and gets no verdict."""
    return METRICS.get(name, Metric(name, "", "", ""))
