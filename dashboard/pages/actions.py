"""The actions: what each means, whom it is recommended for, and a planner of contacts.

Stays out: the figures (`dashboard.queries.actions`) and the markup (`templates/actions.html`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.campaign import Campaign, read_campaign
from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.formatting import money, money_compact, share, signed_points, signed_share
from dashboard.i18n import gettext
from dashboard.links import customers_link
from dashboard.pages.cards import Change
from dashboard.pages.mix import MixBar, mix_bars
from dashboard.pages.movement import change_direction, signed_count
from dashboard.pages.plan import PlanView, export_link, plan_view
from dashboard.queries.actions import Action, Actions, actions, known_actions
from dashboard.queries.segments import Segment
from dashboard.queries.summary import About
from dashboard.terms import Term, action_meaning, term

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Fact:
    """A figure that says who the customers of an action are."""

    label: str
    text: str


@dataclass(frozen=True)
class ActionCard:
    """An action in full: its words, its size and worth, who its customers are, and the way to them."""

    segment: Segment
    term: Term
    meaning: str
    change: Change | None
    interval: str
    mix: tuple[MixBar, ...]
    facts: tuple[Fact, ...]
    link: str
    export: str


@dataclass(frozen=True)
class ActionsContext:
    """What `actions.html` shows; `plan` is None with a wrong entry, or where nobody has an expected spend."""

    about: About
    compared_with: str | None
    cards: tuple[ActionCard, ...]
    campaign: Campaign
    plan: PlanView | None


@router.get("/actions", response_class=HTMLResponse)
def read_actions(request: Request, snapshot: CurrentSnapshot, templates: PageTemplates) -> HTMLResponse:
    """The actions of the newest snapshot, and the plan that the address asks for."""
    campaign = read_campaign(request.query_params, known_actions(snapshot))
    answer = actions(snapshot, campaign.assumptions, campaign.chosen)
    return templates.page(request, "actions.html", actions_context(answer, campaign))


def actions_context(answer: Actions, campaign: Campaign) -> ActionsContext:
    """Everything the page shows, from the same answer the API gives."""
    return ActionsContext(
        about=answer.about,
        compared_with=answer.compared_with,
        cards=tuple(_card(one, answer.about) for one in answer.actions),
        campaign=campaign,
        plan=plan_view(answer.plan) if answer.plan else None,
    )


def _card(action: Action, about: About) -> ActionCard:
    name = action.segment.segment
    return ActionCard(
        segment=action.segment,
        term=term("action", name),
        meaning=action_meaning(name),
        change=_change(action),
        interval=_interval(action.segment),
        mix=mix_bars(name, action.mix, about.horizon_days),
        facts=_facts(action, about),
        link=customers_link(action=name),
        export=export_link(action=name),
    )


def _change(action: Action) -> Change | None:
    """The change of size. More customers are neither good nor bad: that depends on where they come from."""
    size = action.size
    if size.change is None:
        return None
    text = signed_count(size.change)
    if size.change_share is not None:
        text = gettext("%(count)s (%(share)s)", count=text, share=signed_share(size.change_share))
    return Change(text, change_direction(size.change), "neutral")


def _interval(segment: Segment) -> str:
    if segment.cltv_low is None or segment.cltv_high is None:
        return ""
    return gettext(
        "80%% interval %(low)s to %(high)s",
        low=money_compact(segment.cltv_low),
        high=money_compact(segment.cltv_high),
    )


def _facts(action: Action, about: About) -> tuple[Fact, ...]:
    row = action.segment
    days = about.horizon_days
    return (
        Fact(gettext("CLTV per customer"), money(row.cltv_mean)),
        Fact(gettext("Average order"), money(row.value_brl / row.order_count if row.order_count else None)),
        Fact(gettext("Bought on more than one day"), share(row.repurchase_rate)),
        Fact(
            gettext("Bought in the last %(days)s days", days=days),
            share(row.active_customers / row.customers if row.customers else None),
        ),
        Fact(gettext("Churn probability, %(days)s days", days=days), share(row.churn_probability_mean)),
        Fact(gettext("Churn sensitivity"), signed_points(row.churn_sensitivity_30d)),
        Fact(gettext("Expected from the top tenth"), share(action.top_tenth_share)),
    )
