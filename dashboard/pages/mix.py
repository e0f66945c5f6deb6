"""Who the customers of an action are, as stacked bars: a part per segment, in words and with the way to its list.

Stays out: the counts (`dashboard.queries.actions`) and the markup (`templates/partials/actions/mix.html`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.formatting import count, share
from dashboard.i18n import gettext
from dashboard.links import customers_link
from dashboard.queries.actions import Mix, Part
from dashboard.terms import Term, dimension_label, term


@dataclass(frozen=True)
class MixPart:
    """A segment's piece of the bar, from `start` and `width` percent long, its texts and its list of customers."""

    segment: str
    term: Term
    start: float
    width: float
    customers: str
    share: str
    link: str


@dataclass(frozen=True)
class MixBar:
    """All customers of an action, parted by a dimension."""

    dimension: str
    label: str
    parts: tuple[MixPart, ...]


def mix_bars(action: str, mix: Mix, horizon_days: int) -> tuple[MixBar, ...]:
    """The bars of an action: by churn risk within the horizon, and by value tier; none of them without customers."""
    bars = (
        MixBar(
            "risk_band",
            gettext("Churn risk, %(days)s days", days=horizon_days),
            _parts(action, "risk_band", mix.risk_band),
        ),
        MixBar("value_tier", dimension_label("value_tier"), _parts(action, "value_tier", mix.value_tier)),
    )
    return tuple(bar for bar in bars if bar.parts)


def _parts(action: str, dimension: str, parts: Sequence[Part]) -> tuple[MixPart, ...]:
    return tuple(
        MixPart(
            segment=part.segment,
            term=term(dimension, part.segment),
            start=100 * sum(earlier.customers_share for earlier in parts[:i]),
            width=100 * part.customers_share,
            customers=count(part.customers),
            share=share(part.customers_share),
            link=customers_link(**{"action": action, dimension: part.segment}),
        )
        for i, part in enumerate(parts)
    )
