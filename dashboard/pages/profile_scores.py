"""What is expected of a customer: worth with its interval, purchases, churn with its reasons.

Stays out: the figures (`dashboard.queries.customer_detail`) and the words of the reasons (`dashboard.reasons`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.formatting import day, money, not_enough_data, number, share, signed_points
from dashboard.i18n import gettext
from dashboard.pages.sparkline import sparkline
from dashboard.queries.customer_detail import CustomerDetail, Reason
from dashboard.queries.profile import Profile
from dashboard.reasons import reason_words
from dashboard.terms import Term, term

_EXPECTED_DAYS = (30, 90, 180, 365)
_DIFFERENCE = 0.0005  # two probabilities that show alike with one decimal of a percentage


@dataclass(frozen=True)
class IntervalBar:
    """An expectation, its interval (low end and width), and the median of everybody on a scale from 0 to 100."""

    at: float
    low: float
    width: float
    median: float | None


@dataclass(frozen=True)
class Expected:
    """Expected purchases within some days."""

    days: int
    label: str
    value: str


@dataclass(frozen=True)
class ValueCard:
    """The predicted worth and purchases; `interval` and `course` are '' and `bar` is None without a prediction."""

    cltv: str
    interval: str
    bar: IntervalBar | None
    median: str
    course: str
    expected: tuple[Expected, ...]
    p_purchase: str
    next_purchase: str
    next_note: str
    disagrees: bool


@dataclass(frozen=True)
class ReasonRow:
    """A reason in words, whether it raises the risk, and its weight beside the strongest, from 0 to 1."""

    feature: str
    words: str
    raises: bool
    weight: float


@dataclass(frozen=True)
class RiskCard:
    """The churn score, its band and its reasons, strongest first."""

    probability: str
    band: Term
    average: str
    sensitivity: str
    reasons: tuple[ReasonRow, ...]


def value_card(answer: Profile) -> ValueCard:
    """The worth of a customer over the CLTV horizon and the purchases behind it."""
    customer = answer.customer
    everybody = next((median.cltv for median in answer.medians if median.dimension == "total"), None)
    date = customer.expected_next_purchase_date
    return ValueCard(
        cltv=money(customer.cltv),
        interval=_interval(customer),
        bar=interval_bar(customer.cltv, customer.cltv_low, customer.cltv_high, everybody),
        median=money(everybody),
        course=sparkline([month.cltv for month in answer.history]),
        expected=_expected(customer),
        p_purchase=share(customer.p_purchase, 2),
        next_purchase=not_enough_data() if date is None else day(date),
        next_note=_next_note(answer),
        disagrees=_disagree(customer),
    )


def _interval(customer: CustomerDetail) -> str:
    if customer.cltv_low is None or customer.cltv_high is None:
        return ""
    return gettext(
        "80%% interval %(low)s to %(high)s",
        low=money(customer.cltv_low),
        high=money(customer.cltv_high),
    )


def interval_bar(
    at: float | None, low: float | None, high: float | None, median: float | None
) -> IntervalBar | None:
    """The interval on a scale from nothing to just above all that is shown; None where a part is missing."""
    if at is None or low is None or high is None:
        return None
    top = 1.08 * max(at, high, median or 0.0)
    if top == 0:
        return None

    def place(value: float) -> float:
        return round(100 * value / top, 1)

    return IntervalBar(place(at), place(low), place(high - low), None if median is None else place(median))


def _expected(customer: CustomerDetail) -> tuple[Expected, ...]:
    values: dict[int, float | None] = {
        days: getattr(customer, f"expected_purchases_{days}d") for days in _EXPECTED_DAYS
    }
    decimals = 2 if max(value or 0.0 for value in values.values()) >= 1 else 3
    return tuple(
        Expected(days, gettext("%(days)s days", days=days), number(value, decimals))
        for days, value in values.items()
    )


def _next_note(answer: Profile) -> str:
    customer = answer.customer
    if customer.cltv is None:
        return gettext("No model has scored this customer yet.")
    if customer.expected_next_purchase_date is not None:
        return gettext("By this day an even chance, if the customer still buys at all.")
    if customer.frequency == 0:
        return gettext("A single purchase tells no rhythm.")
    days = answer.about.cltv_horizon_days
    return gettext("No day within %(days)s days is likely enough.", days=days)


def _disagree(customer: CustomerDetail) -> bool:
    """Whether the churn score, which may come from another model, says otherwise than the purchase model."""
    if customer.p_purchase is None or customer.churn_probability is None:
        return False
    return abs(1 - customer.churn_probability - customer.p_purchase) > _DIFFERENCE


def risk_card(answer: Profile) -> RiskCard:
    """The churn score of a customer and what moves it."""
    customer = answer.customer
    return RiskCard(
        probability=share(customer.churn_probability),
        band=term("risk_band", customer.risk_band),
        average=_average(answer),
        sensitivity=signed_points(customer.churn_sensitivity_30d),
        reasons=reason_rows(customer.reasons),
    )


def _average(answer: Profile) -> str:
    """The chance to return beside that of the average customer; '' where one of them is not known."""
    rule, churn = answer.about.risk_rule, answer.customer.churn_probability
    if rule is None or churn is None:
        return ""
    return gettext(
        "Chance to buy again within %(days)s days: %(chance)s, against %(rate)s on average.",
        days=answer.about.horizon_days,
        chance=share(1 - churn, 2),
        rate=share(rule.base_return_rate, 2),
    )


def reason_rows(reasons: tuple[Reason, ...]) -> tuple[ReasonRow, ...]:
    """The reasons in words, with their weights beside the strongest."""
    strongest = max((abs(reason.effect) for reason in reasons), default=0.0) or 1.0
    return tuple(
        ReasonRow(
            reason.feature,
            reason_words(reason.feature, reason.value, reason.words),
            reason.effect > 0,
            abs(reason.effect) / strongest,
        )
        for reason in reasons
    )
