"""The parts of the page of the models in words: how a version came to serve, what its figures mean, how it fared.

Stays out: the figures beside their baselines (`dashboard.pages.quality`) and the route (`dashboard.pages.models`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dashboard.formatting import count, money, month, month_short, number, share, signed_share
from dashboard.i18n import N_, gettext
from dashboard.model_names import choice_label
from dashboard.pages.charts import LINE, TEXT, Series, Trend, between
from dashboard.queries.drift import AS_VALIDATED, FARTHER, SLIGHTLY, STILL, Drift
from dashboard.queries.glossary import Meaning
from dashboard.queries.history import ModelHistory, ModelMonth
from dashboard.queries.models import ModelQuality, Score
from dashboard.queries.past import PastPrediction
from dashboard.report_words import choice_reason, decision_reason

_STATUSES = {
    "fitted": N_("Fitted"),
    "kept": N_("Kept: nothing could be fitted"),
    "held back": N_("Held back: nothing may serve"),
    "not enough data": N_("Not enough data"),
}
_DECISIONS = {"promoted": N_("Promoted"), "held": N_("Held back")}
_MOVEMENTS = {
    STILL: (N_("Has hardly moved"), "good"),
    AS_VALIDATED: (N_("Has not moved farther than when the model was validated"), "good"),
    SLIGHTLY: (N_("Has moved a little farther than when the model was validated"), "neutral"),
    FARTHER: (N_("Has moved farther than when the model was validated"), "bad"),
}
_SCORE = "churn_probability"
_AUC_STRENGTHS = (
    (
        0.6,
        N_(
            "The ranking is weak. Use it to decide whom to contact first among many; it says little about a single "
            "customer."
        ),
    ),
    (
        0.7,
        N_(
            "The ranking is modest. Use it to decide whom to contact first among many; a single customer will often "
            "do otherwise."
        ),
    ),
    (
        0.8,
        N_(
            "The ranking is fair. It tells well whom to contact first; a single customer may still do otherwise."
        ),
    ),
    (1.01, N_("The ranking is strong.")),
)
_CHANCE = N_("It may be no better than chance: do not steer a campaign by it.")


@dataclass(frozen=True)
class HistoryRow:
    """A month of a model in words."""

    month: str
    version: str
    choice: str
    outcome: str
    is_held: bool
    why: str


@dataclass(frozen=True)
class PastView:
    """What earlier scores foretold and what came: a sentence on the newest, a verdict, and the course."""

    name: str
    title: str
    sentence: str
    verdict: str
    is_off: bool
    chart: Trend


@dataclass(frozen=True)
class DriftRow:
    """How far a feature, or the score, has moved; `tone` is good, neutral or bad."""

    feature: str
    meaning: str
    psi: str
    validated_psi: str
    words: str
    tone: str


def score_of(quality: ModelQuality | None, metric: str) -> Score | None:
    """A figure of a model that has a value; None where there is none."""
    scores = quality.scores if quality else ()
    return next((score for score in scores if score.metric == metric and score.value is not None), None)


def history_rows(history: ModelHistory) -> tuple[HistoryRow, ...]:
    """The months of a model, newest first."""
    return tuple(_history_row(row) for row in history.months)


def outcome(row: ModelMonth) -> str:
    """What became of the version fitted in a month, or why there was none."""
    if row.decision is not None:
        return gettext(_DECISIONS[row.decision]) if row.decision in _DECISIONS else row.decision
    return gettext(_STATUSES[row.status]) if row.status in _STATUSES else row.status


def why(row: ModelMonth) -> str:
    """Why a month has the version that serves it."""
    return choice_reason(row) if row.decision is None else decision_reason(row)


def _history_row(row: ModelMonth) -> HistoryRow:
    return HistoryRow(
        month_short(row.snapshot_month),
        row.model_version or "",
        choice_label(row.choice or ""),
        outcome(row),
        row.decision == "held" or row.status != "fitted",
        why(row),
    )


def churn_honesty(quality: ModelQuality | None) -> tuple[str, ...]:
    """What the ranking of the churn model means for its use, in sentences; none where it was not judged."""
    auc = score_of(quality, "roc_auc")
    if auc is None or auc.value is None:
        return ()
    return (_pairs(auc), gettext(_strength(auc)))


def _pairs(auc: Score) -> str:
    value = auc.value or 0.0
    if auc.low is None or auc.high is None:
        return gettext(
            "Of 100 pairs of a customer who came back and one who stayed away, it gives the better chance to the right "
            "one in %(pairs)s. 50 would be a coin toss.",
            pairs=count(100 * value),
        )
    return gettext(
        "Of 100 pairs of a customer who came back and one who stayed away, it gives the better chance to the right one "
        "in %(pairs)s (%(low)s to %(high)s with 95%% confidence). 50 would be a coin toss.",
        pairs=count(100 * value),
        low=count(100 * auc.low),
        high=count(100 * auc.high),
    )


def _strength(auc: Score) -> str:
    value = auc.value or 0.0
    if (value if auc.low is None else auc.low) <= 0.5:
        return _CHANCE
    return next(words for below, words in _AUC_STRENGTHS if value < below)


def cltv_honesty(quality: ModelQuality | None) -> tuple[str, ...]:
    """How far the totals of the lifetime-value model were off, and what follows; none where it was not judged."""
    error = score_of(quality, "holdout_total_error")
    if error is None:
        return ()
    return (
        gettext(
            "In the time it had not seen, it was off by %(error)s on the purchases of all customers together: plus is "
            "too many, minus too few.",
            error=_with_interval(error.value, error.low, error.high),
        ),
        gettext("Sums over many customers are far surer than the value of a single one."),
    )


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return signed_share(value)
    return gettext(
        "%(value)s (%(low)s to %(high)s)",
        value=signed_share(value),
        low=signed_share(low),
        high=signed_share(high),
    )


def past_views(past: Iterable[PastPrediction], model: str) -> tuple[PastView, ...]:
    """How the earlier scores of a model fared, an entry for each quantity that was foretold."""
    rows = [row for row in past if row.model == model]
    kinds: dict[str, tuple[str, str, Callable[[float | None], str]]] = {
        "return_rate_error": (gettext("Customers who came back"), "share", lambda value: share(value, 2)),
        "purchases_error": (gettext("Purchases"), "count", count),
        "value_error": (gettext("Value"), "money", money),
    }
    return tuple(
        _past_view(name, title, unit, text, found)
        for name, (title, unit, text) in kinds.items()
        if (found := [row for row in rows if row.metric == name and row.predicted is not None])
    )


def _past_view(
    name: str, title: str, unit: str, text: Callable[[float | None], str], rows: list[PastPrediction]
) -> PastView:
    newest = rows[-1]
    sentence = gettext(
        "Scores of %(month)s foretold %(predicted)s within %(days)s days; it became %(seen)s.",
        month=month(newest.scored_month),
        predicted=text(newest.predicted),
        days=newest.horizon_days,
        seen=text(newest.seen),
    )
    predicted, seen = (tuple(getattr(row, end) for row in rows) for end in ("predicted", "seen"))
    series = (
        Series(
            gettext("Foretold"), "value-high", LINE, "", predicted, tuple(text(value) for value in predicted)
        ),
        Series(gettext("Came true"), "actual", LINE, "", seen, tuple(text(value) for value in seen)),
        Series(
            gettext("Error, with its 95% interval"),
            "none",
            TEXT,
            "",
            (),
            tuple(_with_interval(row.value, row.low, row.high) for row in rows),
        ),
    )
    months = tuple(month_short(row.scored_month) for row in rows)
    words, is_off = _past_verdict(newest)
    return PastView(
        name, title, sentence, words, is_off, Trend("trend", f"past-{name}", unit, months, series)
    )


def _past_verdict(row: PastPrediction) -> tuple[str, bool]:
    error = _with_interval(row.value, row.low, row.high)
    if row.value is None or row.low is None or row.high is None:
        return gettext("Off by %(error)s", error=error), False
    if row.low > 0:
        return gettext("Too much by %(error)s", error=error), True
    if row.high < 0:
        return gettext("Too little by %(error)s", error=error), True
    return gettext("No clear error: %(error)s", error=error), False


def past_ranking(past: Iterable[PastPrediction]) -> str:
    """How well the newest judged scores of the past had ranked, in a sentence; '' where none was judged."""
    rows = [row for row in past if row.metric == "roc_auc" and row.value is not None]
    if not rows:
        return ""
    newest = rows[-1]
    return gettext(
        "The ranking of the scores of %(month)s, judged by what came: ROC AUC %(value)s (%(interval)s).",
        month=month(newest.scored_month),
        value=number(newest.value),
        interval=between(number(newest.low), number(newest.high)),
    )


def drift_rows(drift: Iterable[Drift], meanings: dict[str, Meaning]) -> tuple[DriftRow, ...]:
    """The features and the score, in words."""
    return tuple(_drift_row(row, meanings) for row in drift)


def _drift_row(row: Drift, meanings: dict[str, Meaning]) -> DriftRow:
    words, tone = _MOVEMENTS[row.movement]
    if row.feature == _SCORE:
        meaning = gettext("The score itself: the churn probability.")
    else:
        found = meanings.get(row.feature)
        meaning = gettext(found.meaning) if found else ""
    return DriftRow(row.feature, meaning, number(row.psi), number(row.validated_psi), gettext(words), tone)
