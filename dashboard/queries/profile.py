"""One customer in one answer: what the profile shows and what `/api/v1/customers/<id>` returns.

Stays out: wording and drawing (`dashboard.pages.profile`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.queries.comparison import Median, Similar, medians_of, similar_to
from dashboard.queries.customer_detail import CustomerDetail, customer_detail
from dashboard.queries.customer_history import HistoryMonth, history_of
from dashboard.queries.purchases import Purchase, purchases_of
from dashboard.queries.summary import About, about
from dashboard.store import Snapshot


@dataclass(frozen=True)
class Profile:
    """Everything known of a customer, from one snapshot. History runs forward, purchases run backward in time."""

    about: About
    customer: CustomerDetail
    history: tuple[HistoryMonth, ...]
    purchases: tuple[Purchase, ...]
    medians: tuple[Median, ...]
    similar: tuple[Similar, ...]


def profile(snapshot: Snapshot, customer_unique_id: str) -> Profile | None:
    """Ask a snapshot for a customer; None if it has none of that id. Rows are found by index, none is scanned for."""
    with snapshot.engine.connect() as connection:
        customer = customer_detail(connection, customer_unique_id)
        if customer is None:
            return None
        return Profile(
            about=about(snapshot.manifest),
            customer=customer,
            history=history_of(connection, customer_unique_id),
            purchases=purchases_of(connection, customer_unique_id),
            medians=medians_of(snapshot, customer),
            similar=similar_to(snapshot, customer),
        )
