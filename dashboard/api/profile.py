"""The JSON API of one customer: the answer of `dashboard.queries.profile` as it is.

Stays out: the page, which shows the same answer (`dashboard.pages.profile`).
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from dashboard.api.problems import NO_SNAPSHOT, Problem
from dashboard.dependencies import CurrentSnapshot
from dashboard.i18n import gettext
from dashboard.queries.profile import Profile, profile

router = APIRouter(prefix="/api/v1", tags=["customers"])

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "The snapshot has no customer of that id"},
    **NO_SNAPSHOT,
}
CustomerId = Annotated[
    str,
    Path(description="The `customer_unique_id`", examples=["23cc9aaa8f7a822ee4934017723e0443"]),
]


@router.get("/customers/{customer_unique_id}", response_model=Profile, responses=_PROBLEMS)
def read_customer(snapshot: CurrentSnapshot, customer_unique_id: CustomerId) -> Profile | JSONResponse:
    """A customer's scores with their reasons, history by month, purchases, medians to compare with, similar customers.

    Money is in reais, probabilities are fractions; a null is a figure for which there was not enough data. At most 200
    months and the newest 200 purchases; `customer.order_count` counts all of them.
    """
    found = profile(snapshot, customer_unique_id)
    if found is None:
        return JSONResponse({"detail": gettext("The snapshot has no customer of that id")}, status_code=404)
    return found
