"""The address of a list of customers: every page that leads to one builds it here.

Stays out: reading the address back and asking for the customers (`dashboard.queries.customers`).
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

DIMENSIONS = ("value_tier", "age_band", "risk_band", "rfm_segment", "action", "state")
FILTERS = (*DIMENSIONS, "q", "cltv_min", "cltv_max", "last_from", "last_to")
CUSTOMERS = "/customers"


def customers_link(**filters: object) -> str:
    """The address of the customers that all the filters hold for; a filter that is None or '' is left out.

    A dimension takes a segment, or several in a list or tuple of which any may hold.

    Raises:
        ValueError: for a filter that there is none of.
    """
    unknown = sorted(set(filters) - set(FILTERS))
    if unknown:
        raise ValueError(f"no filter {', '.join(unknown)}; there are {', '.join(FILTERS)}")
    pairs = [
        (name, one) for name in FILTERS for one in _listed(filters.get(name)) if one is not None and one != ""
    ]
    return f"{CUSTOMERS}?{urlencode(pairs)}" if pairs else CUSTOMERS


def profile_link(customer_unique_id: str) -> str:
    """The address of a customer's profile."""
    return f"{CUSTOMERS}/{quote(customer_unique_id, safe='')}"


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]
