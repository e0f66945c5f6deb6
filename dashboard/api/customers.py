"""The JSON API of the customers' list.

Stays out: the page (`dashboard.pages.customers`), which shows the same answers, and a single customer.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError

from dashboard.api.problems import Problem as Unanswered
from dashboard.dependencies import CurrentSnapshot
from dashboard.pages.filter_words import problem_text
from dashboard.queries.customers import PAGE_SIZE, CustomerList, list_customers, read_request
from dashboard.queries.filters import Problem
from dashboard.queries.sorting import DEFAULT_SORT, SORTS

router = APIRouter(prefix="/api/v1", tags=["customers"])

LIMIT_MAX = 200
_RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"description": "A parameter is unknown or cannot be read; each problem names its parameter"},
    503: {"model": Unanswered, "description": "Nothing has been published, or the answer took too long"},
}


def _segments(meaning: str, *examples: str) -> Any:
    return Query(description=f"{meaning}; repeat it for any of several", examples=[list(examples)])


@router.get("/customers", responses=_RESPONSES)
def read_customers(
    request: Request,
    snapshot: CurrentSnapshot,
    value_tier: Annotated[list[str] | None, _segments("Value tier", "High Value")] = None,
    age_band: Annotated[list[str] | None, _segments("Age band", "Adult 20–64")] = None,
    risk_band: Annotated[list[str] | None, _segments("Churn risk", "red", "yellow")] = None,
    rfm_segment: Annotated[list[str] | None, _segments("RFM segment", "Lost")] = None,
    action: Annotated[list[str] | None, _segments("Recommended action", "Win-back")] = None,
    state: Annotated[list[str] | None, _segments("State", "SP")] = None,
    q: Annotated[str, Query(description="Beginning of the id, 3 characters or more", examples=["0004"])] = "",
    cltv_min: Annotated[str, Query(description="Least CLTV, reais", examples=["10.50"])] = "",
    cltv_max: Annotated[str, Query(description="Highest CLTV, reais", examples=["99"])] = "",
    last_from: Annotated[
        str, Query(description="First day of the last purchase", examples=["2018-01-01"])
    ] = "",
    last_to: Annotated[str, Query(description="Last day of the last purchase", examples=["2018-03-01"])] = "",
    sort: Annotated[
        str, Query(description=f"{', '.join(SORTS)}; falling with a minus before it", examples=["-value_brl"])
    ] = DEFAULT_SORT.text,
    after: Annotated[
        str, Query(description="`after` or `before` of an answer: the next page, or the one before")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Customers of a page")] = PAGE_SIZE,
) -> CustomerList:
    """The customers that all filters hold for, a page at a time, with the totals of all of them.

    Money is in reais, rates are fractions; a null is a figure for which there was not enough data. Those without a
    value of the sort come last; alike ones come by id.
    """
    pairs = [(name, text) for name, text in request.query_params.multi_items() if name != "limit"]
    asked = read_request(snapshot, pairs)
    if asked.problems:
        raise RequestValidationError([_detail(problem) for problem in asked.problems])
    return list_customers(snapshot, asked, limit)


def _detail(problem: Problem) -> dict[str, Any]:
    return {
        "type": problem.kind,
        "loc": ("query", problem.name),
        "msg": problem_text(problem),
        "input": problem.given,
    }
