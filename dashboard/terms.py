"""The words and colours of the terms on the pages: dimensions, segments, actions, models and metrics.

Stays out: how numbers are written (`dashboard.formatting`) and the layout (`dashboard/templates`).
"""

from __future__ import annotations

from dataclasses import dataclass

HIGH_VALUE, LOW_VALUE = "High Value", "Low Value"
RED, YELLOW, GREEN, UNKNOWN_RISK = "red", "yellow", "green", "unknown"
UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Term:
    """A segment as shown: its words, the token of its colour, and a shape so that colour is never alone."""

    label: str
    token: str
    shape: str = ""


_TERMS: dict[str, dict[str, Term]] = {
    "value_tier": {
        HIGH_VALUE: Term("High Value", "value-high"),
        LOW_VALUE: Term("Low Value", "value-low"),
        UNKNOWN: Term("Unknown", "none"),
    },
    "age_band": {
        "Child 0–12": Term("Child 0–12", "age-1"),
        "Teen 13–19": Term("Teen 13–19", "age-2"),
        "Adult 20–64": Term("Adult 20–64", "age-3"),
        "Elderly 65+": Term("Elderly 65+", "age-4"),
        UNKNOWN: Term("Unknown", "none"),
    },
    "risk_band": {
        RED: Term("Red: at risk", "risk-red", "▲"),
        YELLOW: Term("Yellow: watch", "risk-yellow", "◆"),
        GREEN: Term("Green: likely to return", "risk-green", "●"),
        UNKNOWN_RISK: Term("Unknown: not enough data", "none", "○"),
    },
    "rfm_segment": {
        "Champions": Term("Champions", "rfm-1"),
        "Loyal": Term("Loyal", "rfm-2"),
        "Promising": Term("Promising", "rfm-3"),
        "New": Term("New", "rfm-4"),
        "Needs attention": Term("Needs attention", "rfm-5"),
        "At risk": Term("At risk", "rfm-6"),
        "Hibernating": Term("Hibernating", "rfm-7"),
        "Lost": Term("Lost", "rfm-8"),
    },
    "action": {},
}

DIMENSIONS = {
    "value_tier": "Value tier",
    "age_band": "Age band",
    "risk_band": "Churn risk",
    "rfm_segment": "RFM segment",
    "action": "Recommended action",
}

ACTION_MEANINGS = {
    "VIP promotion": "High value and likely to return: thank them and show them new things first.",
    "Churn prevention": "High value but silent: reach them before they are gone.",
    "Repurchase inducement": "Bought lately, the next purchase is likeliest now: give a reason for it.",
    "Win-back": "Gone for a long time: one strong offer, then let go.",
    "Service recovery": "A bad review or a late delivery: apologise before selling.",
    "Nurture": "Modest value and nothing urgent: keep in touch at low cost.",
}


@dataclass(frozen=True)
class Metric:
    """A model figure as shown.

    `unit` is 'share', 'times', 'small' (four decimals) or '' (three); `better` says where good lies:
    'high', 'low', 'zero', or '' when the figure is no grade.
    """

    label: str
    meaning: str
    unit: str
    better: str


MODELS = {
    "churn_model": "Who will buy again",
    "cltv_model": "How much they will buy",
}

METRICS = {
    "roc_auc": Metric(
        "Ranking (ROC AUC)",
        "How often a returning customer ranks above one who stays away. 0.5 is a coin toss.",
        "",
        "high",
    ),
    "lift_at_10pct": Metric(
        "Lift in the top 10%",
        "Returning customers among the best-ranked tenth, against a random tenth.",
        "times",
        "high",
    ),
    "base_rate": Metric(
        "Customers who came back", "Share that bought again within the horizon.", "share", ""
    ),
    "roc_auc_gain": Metric("Gain in ranking", "ROC AUC above the baseline's. Zero is no gain.", "", "high"),
    "pr_auc": Metric(
        "Precision over recall (PR AUC)",
        "How pure the top of the list is. The base rate is chance.",
        "small",
        "high",
    ),
    "brier": Metric(
        "Error of the probability (Brier)", "Mean squared error of the probability.", "small", "low"
    ),
    "log_loss": Metric("Surprise (log loss)", "Penalises confident mistakes.", "small", "low"),
    "expected_calibration_error": Metric(
        "Calibration error",
        "Mean distance between the predicted and the observed return rate.",
        "small",
        "low",
    ),
    "holdout_log_likelihood": Metric(
        "Plausibility of what happened",
        "Mean log-probability that the model gave to each customer's purchases. Nearer to zero is better.",
        "small",
        "high",
    ),
    "holdout_total_error": Metric(
        "Error of the total",
        "Predicted number of purchases of all customers against the real one. Zero is exact.",
        "share",
        "zero",
    ),
    "holdout_mae": Metric(
        "Error per customer", "Mean distance of predicted and real purchases of a customer.", "small", "low"
    ),
    "holdout_correlation": Metric(
        "Correlation", "Of predicted with real purchases. 1 is perfect, 0 is none.", "", "high"
    ),
    "holdout_spearman": Metric(
        "Rank correlation", "Of predicted with real purchases, by rank. 1 is perfect, 0 is none.", "", "high"
    ),
    "holdout_gini": Metric(
        "Ranking by value (Gini)",
        "How well customers are ordered by what they went on to spend. 1 is perfect, 0 is chance.",
        "",
        "high",
    ),
    "holdout_top_decile_share": Metric(
        "Value in the top tenth",
        "Share of all later spend that came from the tenth predicted to be worth most.",
        "share",
        "high",
    ),
    "holdout_value_error": Metric(
        "Error of the value",
        "Predicted spend of all customers against the real one. Zero is exact.",
        "share",
        "zero",
    ),
    "interval_coverage_80": Metric(
        "Coverage of the intervals",
        "Share of customer groups whose purchases lay in their 80 % interval. 80 % is exact.",
        "share",
        "",
    ),
    "spend_frequency_correlation": Metric(
        "Spend and frequency",
        "Rank correlation of how much and how often customers buy; the spend model assumes none.",
        "",
        "",
    ),
    "holdout_rmse": Metric(
        "Error per customer, squared", "As above, with large errors weighing more.", "small", "low"
    ),
}


def term(dimension: str, segment: str) -> Term:
    """How `segment` of `dimension` is shown; one without an entry speaks for itself in a neutral colour."""
    return _TERMS.get(dimension, {}).get(segment, Term(segment, "none"))


def rank(dimension: str, segment: str) -> tuple[int, str]:
    """A sort key: the known segments in their own order, the others after them by name."""
    known = list(_TERMS.get(dimension, {}))
    return (known.index(segment) if segment in known else len(known), segment)


def metric(name: str) -> Metric:
    """How the model figure `name` is shown; one without an entry keeps its name and gets no verdict."""
    return METRICS.get(name, Metric(name, "", "", ""))
