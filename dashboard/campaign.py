"""A campaign as a reader enters it: the fields with defaults and bounds, and what is wrong with an entry.

Stays out: what follows from it (`dashboard.planner`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from dashboard.formatting import count, number
from dashboard.i18n import N_, gettext
from dashboard.planner import Assumptions

DEFAULTS = {"contact_cost_brl": 0.2, "response_percent": 10.0, "margin_percent": 30.0}
LIMITS = {
    "contact_cost_brl": 1_000_000.0,
    "response_percent": 100.0,
    "margin_percent": 100.0,
    "budget_brl": 1_000_000_000.0,
}
ACTION = "action"
_NUMBER = re.compile(r"-?\d+(?:[.,]\d*)?|-?[.,]\d+")
_GROUPED = re.compile(r"-?\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d*)?")


@dataclass(frozen=True)
class Field:
    """A number that a reader is asked for; `unit` is R$ or %."""

    name: str
    title: str
    explanation: str
    unit: str
    decimals: int = 0
    is_optional: bool = False

    @property
    def label(self) -> str:
        """Its name in the language of the request."""
        return gettext(self.title)

    @property
    def hint(self) -> str:
        """What it is, in that language."""
        return gettext(self.explanation)


FIELDS = (
    Field("contact_cost_brl", N_("Cost of a contact"), N_("What reaching one customer costs."), "R$", 2),
    Field(
        "response_percent",
        N_("Response"),
        N_("By how much a contact raises what a customer will spend."),
        "%",
    ),
    Field("margin_percent", N_("Margin"), N_("The share of revenue that the shop keeps."), "%"),
    Field("budget_brl", N_("Budget"), N_("The most that all contacts may cost."), "R$", 2, is_optional=True),
)


@dataclass(frozen=True)
class Entry:
    """What was entered into a field, and what is wrong with it: '' when nothing is."""

    field: Field
    text: str
    value: float | None
    error: str


@dataclass(frozen=True)
class Campaign:
    """What was entered: `assumptions` is None while something is wrong; nothing chosen is every action."""

    entries: tuple[Entry, ...]
    chosen: tuple[str, ...]
    chosen_error: str
    assumptions: Assumptions | None


def read_campaign(query: QueryParams, actions: Collection[str]) -> Campaign:
    """Read an address; a field that it does not name has its default."""
    entries = tuple(_entry(field, query.get(field.name)) for field in FIELDS)
    asked = tuple(dict.fromkeys(query.getlist(ACTION)))
    unknown = [name for name in asked if name not in actions]
    chosen_error = _unknown(unknown) if unknown else ""
    is_wrong = chosen_error or any(entry.error for entry in entries)
    return Campaign(
        entries=entries,
        chosen=tuple(name for name in asked if name in actions),
        chosen_error=chosen_error,
        assumptions=None if is_wrong else _assumptions(entries),
    )


def _assumptions(entries: Sequence[Entry]) -> Assumptions:
    values = {entry.field.name: entry.value for entry in entries}
    return Assumptions(
        contact_cost_brl=values["contact_cost_brl"] or 0.0,
        response=(values["response_percent"] or 0.0) / 100,
        margin=(values["margin_percent"] or 0.0) / 100,
        budget_brl=values["budget_brl"],
    )


def _unknown(names: Sequence[str]) -> str:
    return gettext("There is no action “%(name)s”. Choose among those below.", name=names[0])


def _entry(field: Field, given: str | None) -> Entry:
    if given is None and field.name in DEFAULTS:
        value = DEFAULTS[field.name]
        return Entry(field, number(value, field.decimals), value, "")
    text = (given or "").strip()
    if not text:
        return Entry(field, "", None, "" if field.is_optional else gettext("Enter a number."))
    bare = text.removeprefix("R$").removesuffix("%").strip()
    if _GROUPED.fullmatch(bare):
        error = gettext("Write the number without separators between thousands, for example 1000.")
        return Entry(field, text, None, error)
    if not _NUMBER.fullmatch(bare):
        return Entry(field, text, None, gettext("“%(text)s” is not a number.", text=text))
    value = float(bare.replace(",", "."))
    return Entry(field, text, value, _out_of_bounds(field, value))


def _out_of_bounds(field: Field, value: float) -> str:
    limit = LIMITS[field.name]
    if value < 0:
        return gettext("This cannot be negative.")
    if value > limit and field.unit == "%":
        return gettext("This cannot be more than %(limit)s%%.", limit=count(limit))
    if value > limit:
        return gettext("This cannot be more than %(limit)s.", limit=f"R$\u00a0{count(limit)}")
    return ""
