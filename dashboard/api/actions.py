"""The JSON API of the actions: the answer that the page `/actions` shows.

Stays out: the question itself (`dashboard.queries.actions`) and the arithmetic (`dashboard.planner`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from dashboard.api.problems import NO_SNAPSHOT
from dashboard.campaign import DEFAULTS, LIMITS
from dashboard.dependencies import CurrentSnapshot
from dashboard.planner import Assumptions
from dashboard.queries.actions import Actions, actions

router = APIRouter(prefix="/api/v1", tags=["actions"])

ActionName = Literal[
    "VIP promotion",
    "Churn prevention",
    "Repurchase inducement",
    "Win-back",
    "Service recovery",
    "Nurture",
]


@router.get("/actions", responses=NO_SNAPSHOT)
def read_actions(
    snapshot: CurrentSnapshot,
    action: Annotated[
        list[ActionName] | None,
        Query(description="The actions to plan for; none is all", examples=[["Win-back"]]),
    ] = None,
    contact_cost_brl: Annotated[
        float,
        Query(
            ge=0,
            allow_inf_nan=False,
            le=LIMITS["contact_cost_brl"],
            description="Assumed cost of one contact",
            examples=[0.25],
        ),
    ] = DEFAULTS["contact_cost_brl"],
    response_percent: Annotated[
        float,
        Query(
            ge=0,
            allow_inf_nan=False,
            le=LIMITS["response_percent"],
            description="Assumed: by how much a contact raises what a customer will spend",
            examples=[10],
        ),
    ] = DEFAULTS["response_percent"],
    margin_percent: Annotated[
        float,
        Query(
            ge=0,
            allow_inf_nan=False,
            le=LIMITS["margin_percent"],
            description="Assumed: revenue that the shop keeps",
            examples=[30],
        ),
    ] = DEFAULTS["margin_percent"],
    budget_brl: Annotated[
        float | None,
        Query(
            ge=0,
            allow_inf_nan=False,
            le=LIMITS["budget_brl"],
            description="The most the contacts may cost",
            examples=[500],
        ),
    ] = None,
) -> Actions:
    """Every recommended action with its customers and their worth, and the plan of a campaign.

    The plan contacts customers in falling order of their expected spend for as long as a contact pays under the
    assumptions. Money is in reais, rates are fractions; a null is a figure for which there was not enough data.
    """
    assumptions = Assumptions(contact_cost_brl, response_percent / 100, margin_percent / 100, budget_brl)
    return actions(snapshot, assumptions, action or [])
