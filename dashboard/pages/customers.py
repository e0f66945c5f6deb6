"""The customers that fit a filter: the list, its filters, its totals.

Stays out: the figures (`dashboard.queries.customers`), the words of the filters (`dashboard.pages.filter_words`), the
export (`dashboard.pages.customers_csv`) and the markup (`templates/customers.html`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.i18n import N_, gettext
from dashboard.links import CUSTOMERS, DIMENSIONS, customers_link
from dashboard.pages.filter_words import Chip, chips, filter_label, problem_text, sentence
from dashboard.queries.customers import (
    CustomerList,
    ListRequest,
    list_customers,
    read_request,
)
from dashboard.queries.filters import Problem, Selection
from dashboard.queries.glossary import Meaning, meanings
from dashboard.queries.segment_codes import Option, Options, options
from dashboard.queries.sorting import DEFAULT_SORT, SORTS, Sort
from dashboard.queries.summary import About, about
from dashboard.store import Snapshot
from dashboard.terms import Term, term

router = APIRouter(include_in_schema=False)

EXPORT = f"{CUSTOMERS}.csv"
_SORT_WORDS = {
    "-cltv": N_("CLTV, highest first"),
    "cltv": N_("CLTV, lowest first"),
    "-churn_probability": N_("Churn probability, highest first"),
    "churn_probability": N_("Churn probability, lowest first"),
    "-value_brl": N_("Spent so far, most first"),
    "value_brl": N_("Spent so far, least first"),
    "-last_purchase_date": N_("Last purchase, newest first"),
    "last_purchase_date": N_("Last purchase, oldest first"),
    "-order_count": N_("Orders, most first"),
    "order_count": N_("Orders, fewest first"),
    "id": N_("Customer id, A to Z"),
    "-id": N_("Customer id, Z to A"),
}
_COLUMNS = ("cltv", "churn_probability", "risk_band", "value_tier", "rfm_segment", "action")
_MEANING_TABLES = ("scores.customer_cltv", "scores.customer_churn", "scores.customer_segments")


@dataclass(frozen=True)
class Choice:
    """A segment to tick: how it is shown, its customers in the whole base, and whether it is ticked."""

    segment: str
    term: Term
    customers: int
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """The segments of one dimension, and how many of them are ticked."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    chosen: int


@dataclass(frozen=True)
class SortChoice:
    """An order to choose, in words."""

    text: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Form:
    """The filters as a form; the texts of its fields are those of the address."""

    groups: tuple[Group, ...]
    fields: dict[str, str]
    sorts: tuple[SortChoice, ...]
    clear: str


@dataclass(frozen=True)
class ChipLink:
    """A filter in use and the address of the list without it."""

    chip: Chip
    address: str


@dataclass(frozen=True)
class ColumnSort:
    """Where the head of a column leads; `state` is what it says of the present order, as `aria-sort`."""

    address: str
    state: str


@dataclass(frozen=True)
class ProblemLink:
    """What is wrong with the address, in words, and the address without it."""

    text: str
    address: str


@dataclass(frozen=True)
class Listing:
    """The list of an address in which nothing was wrong; an address that leads nowhere is None."""

    answer: CustomerList
    sentence: str
    chips: tuple[ChipLink, ...]
    columns: dict[str, ColumnSort]
    segment: str
    export: str
    start: str | None
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class CustomersContext:
    """What `customers.html` shows. Either there are problems, or there is a list."""

    about: About
    form: Form
    problems: tuple[ProblemLink, ...]
    listing: Listing | None
    column_meanings: tuple[Meaning, ...]


@router.get(CUSTOMERS, response_class=HTMLResponse)
def read_customers(request: Request, snapshot: CurrentSnapshot, templates: PageTemplates) -> HTMLResponse:
    """A page of the customers that fit the filters of the address."""
    asked = read_request(snapshot, request.query_params.multi_items())
    return customers_page(request, snapshot, templates, asked)


def customers_page(
    request: Request, snapshot: Snapshot, templates: PageTemplates, asked: ListRequest
) -> HTMLResponse:
    """The list, or what is wrong with the address (status 422)."""
    answer = None if asked.problems else list_customers(snapshot, asked)
    context = customers_context(snapshot, asked, answer)
    return templates.page(request, "customers.html", context, 422 if asked.problems else 200)


def customers_context(
    snapshot: Snapshot, asked: ListRequest, answer: CustomerList | None
) -> CustomersContext:
    """Everything the page shows; the answer is the same that the API gives."""
    found = _column_meanings(snapshot)
    return CustomersContext(
        about=about(snapshot.manifest),
        form=_form(asked, options(snapshot)),
        problems=tuple(
            ProblemLink(problem_text(problem), _address_without(asked, problem)) for problem in asked.problems
        ),
        listing=_listing(asked, answer, snapshot.manifest.cltv_horizon_days) if answer else None,
        column_meanings=tuple(_in_words(found[name]) for name in _COLUMNS if name in found),
    )


def _in_words(meaning: Meaning) -> Meaning:
    unit = gettext(meaning.unit) if meaning.unit else None
    return replace(meaning, unit=unit, meaning=gettext(meaning.meaning))


def _form(asked: ListRequest, known: Options) -> Form:
    fields = {
        name: next(iter(asked.selection.texts().get(name, [])), "")
        for name in ("q", "cltv_min", "cltv_max", "last_from", "last_to")
    }
    sorts = tuple(
        SortChoice(text, gettext(words), text == asked.sort.text) for text, words in _SORT_WORDS.items()
    )
    groups = tuple(_group(name, known[name], asked.selection) for name in DIMENSIONS if known[name])
    return Form(groups, fields, sorts, _address(Selection(), asked.sort))


def _group(dimension: str, known: tuple[Option, ...], selection: Selection) -> Group:
    chosen = selection.values(dimension)
    choices = tuple(
        Choice(one.segment, term(dimension, one.segment), one.customers, one.segment in chosen)
        for one in known
    )
    return Group(dimension, filter_label(dimension), choices, len(chosen))


def _listing(asked: ListRequest, answer: CustomerList, cltv_horizon_days: int) -> Listing:
    selection, sort = asked.selection, asked.sort
    return Listing(
        answer=answer,
        sentence=sentence(selection, answer.totals.customers, cltv_horizon_days),
        chips=tuple(ChipLink(chip, _address(chip.rest, sort)) for chip in chips(selection)),
        columns={name: _column(name, selection, sort) for name in SORTS},
        segment=_address(selection, sort),
        export=_address(selection, sort, path=EXPORT),
        start=_address(selection, sort) if asked.place else None,
        previous=_address(selection, sort, answer.before) if answer.before else None,
        next=_address(selection, sort, answer.after) if answer.after else None,
    )


def _column(name: str, selection: Selection, sort: Sort) -> ColumnSort:
    """A second click turns the order round; the first shows the highest, and ids from the beginning."""
    is_sorted = name == sort.name
    falls = not sort.is_falling if is_sorted else name != "id"
    state = ("descending" if sort.is_falling else "ascending") if is_sorted else "none"
    return ColumnSort(_address(selection, Sort(name, falls)), state)


def _address_without(asked: ListRequest, problem: Problem) -> str:
    """The address of what could be read; where a range is the problem, without its beginning too."""
    selection = asked.selection
    for value in selection.values(problem.name):
        selection = selection.without(problem.name, value)
    return _address(selection, asked.sort)


def _address(selection: Selection, sort: Sort, place: str | None = None, path: str = CUSTOMERS) -> str:
    """An address of the list: the filters, then the order unless it is the usual one, then the place."""
    query = customers_link(**selection.texts()).partition("?")[2]
    more = [("sort", sort.text)] if sort != DEFAULT_SORT else []
    more += [("after", place)] if place else []
    whole = "&".join(part for part in (query, urlencode(more)) if part)
    return f"{path}?{whole}" if whole else path


def _column_meanings(snapshot: Snapshot) -> dict[str, Meaning]:
    return snapshot.keep(_MEANING_TABLES, lambda: _asked_meanings(snapshot))


def _asked_meanings(snapshot: Snapshot) -> dict[str, Meaning]:
    with snapshot.engine.connect() as connection:
        tables = [meanings(connection, table) for table in _MEANING_TABLES]
    return {name: meaning for table in tables for name, meaning in table.items()}
