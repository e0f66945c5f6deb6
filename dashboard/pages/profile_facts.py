"""What is known of a customer in four facts, and beside the customers in the middle.

Stays out: what is predicted (`dashboard.pages.profile_scores`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.formatting import count, day_short, money, not_enough_data, number, share
from dashboard.i18n import N_, gettext, ngettext
from dashboard.queries.comparison import Median
from dashboard.queries.customer_detail import CustomerDetail

_Format = Callable[[float | None], str]


@dataclass(frozen=True)
class Fact:
    """A fact with a note; `name` is that of the column it stands for."""

    name: str
    label: str
    value: str
    note: str


@dataclass(frozen=True)
class ComparisonRow:
    """A figure of the customer beside the median of the RFM segment and of everybody."""

    name: str
    label: str
    customer: str
    segment: str
    everybody: str


def facts(customer: CustomerDetail) -> tuple[Fact, ...]:
    """The four facts, in reading order."""
    return (
        Fact("value_brl", gettext("Spent so far"), money(customer.value_brl), _per_order(customer)),
        Fact("order_count", gettext("Orders"), count(customer.order_count), _first(customer)),
        Fact(
            "last_purchase_date",
            gettext("Last purchase"),
            day_short(customer.last_purchase_date),
            _silence(customer.recency_days),
        ),
        Fact("review_score", gettext("Last review"), stars(customer.review_score), _rfm(customer)),
    )


def stars(score: float | None) -> str:
    """Stars of a review in words."""
    if score is None:
        return gettext("No review")
    return gettext("%(stars)s of 5 stars", stars=_plain(score))


def _per_order(customer: CustomerDetail) -> str:
    return gettext("%(money)s per order", money=money(customer.value_brl / customer.order_count))


def _first(customer: CustomerDetail) -> str:
    return gettext("Customer since %(day)s", day=day_short(customer.first_purchase_date))


def _silence(days: int) -> str:
    if days == 0:
        return gettext("On the last day of the data")
    return ngettext(
        "%(days)s day before the end of the data",
        "%(days)s days before the end of the data",
        days,
        days=count(days),
    )


def _rfm(customer: CustomerDetail) -> str:
    return gettext(
        "RFM scores of 5: recency %(recency)s, frequency %(frequency)s, value %(monetary)s",
        recency=customer.recency_score,
        frequency=customer.frequency_score,
        monetary=customer.monetary_score,
    )


def comparison(customer: CustomerDetail, medians: tuple[Median, ...]) -> tuple[ComparisonRow, ...]:
    """The customer's figures beside the medians; a median that the snapshot lacks is not enough data."""
    by_dimension = {median.dimension: median for median in medians}
    return tuple(
        ComparisonRow(
            name,
            gettext(label),
            form(getattr(customer, name)),
            _median(by_dimension.get("rfm_segment"), name, form),
            _median(by_dimension.get("total"), name, form),
        )
        for name, label, form in _COMPARED
    )


def _median(median: Median | None, name: str, form: _Format) -> str:
    return not_enough_data() if median is None else form(getattr(median, name))


def _plain(value: float | None) -> str:
    """A count, or a median of counts that lies between two."""
    return count(value) if value is None or value == int(value) else number(value, 1)


_COMPARED: tuple[tuple[str, str, _Format], ...] = (
    ("order_count", N_("Orders"), _plain),
    ("value_brl", N_("Spent so far"), money),
    ("recency_days", N_("Days since the last purchase"), _plain),
    ("review_score", N_("Stars of the last review"), _plain),
    ("cltv", N_("Expected spend"), money),
    ("churn_probability", N_("Churn probability"), share),
)
