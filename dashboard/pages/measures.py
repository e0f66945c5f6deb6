"""The measures that a cross table can show: their words, how they are written, and whether they add up.

Stays out: how they are worked out (`dashboard.queries.cube`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.formatting import count, money, money_compact, rate, signed_points
from dashboard.i18n import N_, gettext
from dashboard.queries.cube import Figures
from dashboard.queries.summary import About


@dataclass(frozen=True)
class Measure:
    """A figure of a group of customers; `is_sum` when the groups' figures add up to the whole's."""

    name: str
    title: str
    explanation: str
    text: Callable[[float | None], str]
    exact: Callable[[float | None], str]
    is_sum: bool

    @property
    def label(self) -> str:
        """Its name in the language of the request."""
        return gettext(self.title)

    def meaning(self, about: About) -> str:
        """What it says, with its horizon, in that language."""
        days = {"days": about.horizon_days, "cltv_days": about.cltv_horizon_days}
        text = gettext(self.explanation)
        return text % days if "%(" in text else text

    def of(self, figures: Figures) -> float | None:
        """Its value; None where there is not enough data."""
        return getattr(figures, self.name)


_ALL = (
    Measure("customers", N_("Customers"), N_("How many customers are in both groups."), count, count, True),
    Measure(
        "value_brl",
        N_("Revenue so far"),
        N_("The value of all their purchases so far."),
        money_compact,
        money,
        True,
    ),
    Measure(
        "average_order_brl",
        N_("Average order"),
        N_("The value of all their purchases so far, divided by the number of purchases."),
        money,
        money,
        False,
    ),
    Measure(
        "repurchase_rate",
        N_("Repurchase rate"),
        N_("The share of customers who bought on more than one day."),
        rate,
        rate,
        False,
    ),
    Measure(
        "active_share",
        N_("Active share"),
        N_("The share of customers whose last purchase lies within the last %(days)s days."),
        rate,
        rate,
        False,
    ),
    Measure(
        "churn_probability_mean",
        N_("Churn probability"),
        N_("The mean probability that a customer does not buy within the next %(days)s days."),
        rate,
        rate,
        False,
    ),
    Measure(
        "churn_sensitivity_30d",
        N_("Churn sensitivity"),
        N_("What 30 more days of silence add to the mean probability of not buying within %(days)s days."),
        signed_points,
        signed_points,
        False,
    ),
    Measure(
        "cltv_total",
        N_("Expected revenue"),
        N_("Discounted spend expected of all of them within the next %(cltv_days)s days."),
        money_compact,
        money,
        True,
    ),
    Measure(
        "cltv_mean",
        N_("CLTV per customer"),
        N_("Discounted spend expected of one customer on average within the next %(cltv_days)s days."),
        money,
        money,
        False,
    ),
)
MEASURES = {measure.name: measure for measure in _ALL}
