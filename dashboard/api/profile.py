"""The JSON API of one customer: the answer of `dashboard.queries.profile`, with the reasons in words.

Stays out: the page, which shows the same answer (`dashboard.pages.profile`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from dashboard.action_reasons import action_reason
from dashboard.api.problems import NO_SNAPSHOT, Problem
from dashboard.dependencies import CurrentSnapshot
from dashboard.i18n import gettext
from dashboard.queries.customer_detail import CustomerDetail
from dashboard.queries.profile import Profile, profile
from dashboard.reasons import reason_words

router = APIRouter(prefix="/api/v1", tags=["customers"])

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "The snapshot has no customer of that id"},
    **NO_SNAPSHOT,
}
CustomerId = Annotated[
    str,
    Path(description="The `customer_unique_id`", examples=["23cc9aaa8f7a822ee4934017723e0443"]),
]


@dataclass(frozen=True)
class CustomerInWords(CustomerDetail):
    """A customer; the reasons of the churn score and of the recommended action are in the language of the request."""

    action_reason: str


@dataclass(frozen=True)
class ProfileInWords(Profile):
    """Everything known of a customer, from one snapshot. History runs forward, purchases run backward in time."""

    customer: CustomerInWords


@router.get("/customers/{customer_unique_id}", response_model=ProfileInWords, responses=_PROBLEMS)
def read_customer(snapshot: CurrentSnapshot, customer_unique_id: CustomerId) -> ProfileInWords | JSONResponse:
    """A customer's scores with their reasons, history by month, purchases, medians to compare with, similar customers.

    Money is in reais, probabilities are fractions; a null is a figure for which there was not enough data. At most 200
    months and the newest 200 purchases; `customer.order_count` counts all of them.
    """
    found = profile(snapshot, customer_unique_id)
    if found is None:
        return JSONResponse({"detail": gettext("The snapshot has no customer of that id")}, status_code=404)
    return _in_words(found)


def _in_words(found: Profile) -> ProfileInWords:
    customer = found.customer
    why = action_reason(customer.action_reason_code, customer.action_reason_value)
    reasons = tuple(
        replace(reason, words=reason_words(reason.feature, reason.value, reason.words))
        for reason in customer.reasons
    )
    said = CustomerInWords(**(vars(customer) | {"reasons": reasons}), action_reason=why)
    return ProfileInWords(**(vars(found) | {"customer": said}))
