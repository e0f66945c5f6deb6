"""One customer: who they are, what is expected of them, why, and what they bought.

Stays out: the figures (`dashboard.queries.profile`) and the markup (`templates/profile.html`).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.action_reasons import action_reason
from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.formatting import count, money
from dashboard.i18n import gettext
from dashboard.links import CUSTOMERS, customers_link
from dashboard.pages.profile_facts import ComparisonRow, Fact, comparison, facts
from dashboard.pages.profile_history import HistoryStrip, history_strip
from dashboard.pages.profile_purchases import PurchaseRow, purchase_rows
from dashboard.pages.profile_scores import RiskCard, ValueCard, risk_card, value_card
from dashboard.pages.profile_timeline import Timeline, timeline
from dashboard.queries.comparison import Similar
from dashboard.queries.customer_detail import CustomerDetail
from dashboard.queries.profile import Profile, profile
from dashboard.queries.summary import About, about
from dashboard.terms import Term, action_meaning, term

router = APIRouter(include_in_schema=False)

_LIST = "list"


@dataclass(frozen=True)
class Advice:
    """The recommended action, what it asks for, why, and what is expected of the customer."""

    action: Term
    meaning: str
    reason: str
    expected: str


@dataclass(frozen=True)
class SimilarLink:
    """A list of similar customers and how many are on it."""

    label: str
    address: str
    customers: str


@dataclass(frozen=True)
class ProfileContext:
    """What `profile.html` shows."""

    about: About
    customer: CustomerDetail
    back: str
    facts: tuple[Fact, ...]
    value: ValueCard
    risk: RiskCard
    advice: Advice
    similar: tuple[SimilarLink, ...]
    history: HistoryStrip
    comparison: tuple[ComparisonRow, ...]
    timeline: Timeline | None
    purchases: tuple[PurchaseRow, ...]
    purchases_left_out: int


@dataclass(frozen=True)
class NoCustomerContext:
    """What `profile_missing.html` shows."""

    about: About
    customer_unique_id: str


@router.get("/customers/{customer_unique_id}", response_class=HTMLResponse)
def read_profile(
    request: Request, snapshot: CurrentSnapshot, templates: PageTemplates, customer_unique_id: str
) -> HTMLResponse:
    """The profile of a customer in the newest snapshot."""
    answer = profile(snapshot, customer_unique_id)
    if answer is None:
        missing = NoCustomerContext(about(snapshot.manifest), customer_unique_id)
        return templates.page(request, "profile_missing.html", missing, 404)
    back = list_address(request)
    here = address_with_list(request.url.path, back)
    return templates.page(request, "profile.html", profile_context(answer, back), here=here)


def profile_context(answer: Profile, back: str = CUSTOMERS) -> ProfileContext:
    """Everything the page shows, from the same answer the API gives; `back` is the address of the list."""
    customer = answer.customer
    return ProfileContext(
        about=answer.about,
        customer=customer,
        back=back,
        facts=facts(customer),
        value=value_card(answer),
        risk=risk_card(answer),
        advice=_advice(customer),
        similar=tuple(_link(one) for one in answer.similar),
        history=history_strip(answer),
        comparison=comparison(customer, answer.medians),
        timeline=timeline(answer),
        purchases=purchase_rows(answer.purchases),
        purchases_left_out=customer.order_count - len(answer.purchases),
    )


def list_address(request: Request) -> str:
    """The list of customers, with its filters where the address holds them or the reader comes from there.

    Another site is not followed.
    """
    filters = request.query_params.get(_LIST)
    if filters:
        return f"{CUSTOMERS}?{filters}"
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return CUSTOMERS
    is_list = came_from.netloc == request.url.netloc and came_from.path == CUSTOMERS
    return f"{CUSTOMERS}?{came_from.query}" if is_list and came_from.query else CUSTOMERS


def address_with_list(path: str, back: str) -> str:
    """The address of a profile that leads back to the same list when it is opened from elsewhere, as by a language."""
    filters = back.partition("?")[2]
    return f"{path}?{urlencode({_LIST: filters})}" if filters else path


def _advice(customer: CustomerDetail) -> Advice:
    return Advice(
        action=term("action", customer.action),
        meaning=action_meaning(customer.action),
        reason=action_reason(customer.action_reason_code, customer.action_reason_value),
        expected=money(customer.cltv),
    )


def _link(similar: Similar) -> SimilarLink:
    return SimilarLink(_label(similar), customers_link(**similar.filters), count(similar.customers))


def _label(similar: Similar) -> str:
    filters = similar.filters
    if len(filters) > 1:
        return gettext("Same value tier, churn risk and RFM segment")
    if "action" in filters:
        return gettext("Same action: %(action)s", action=term("action", filters["action"]).label)
    label = term("rfm_segment", filters["rfm_segment"]).label
    return gettext("Same RFM segment: %(segment)s", segment=label)
