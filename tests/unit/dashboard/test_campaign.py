"""What a reader enters into the planner, and what is said of a wrong entry."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from dashboard.campaign import DEFAULTS, LIMITS, Campaign, read_campaign
from dashboard.i18n import speaking
from dashboard.planner import Assumptions

ACTIONS = ("Nurture", "Win-back")


def _read(query: str) -> Campaign:
    return read_campaign(QueryParams(query), ACTIONS)


def _errors(campaign: Campaign) -> dict[str, str]:
    return {entry.field.name: entry.error for entry in campaign.entries if entry.error}


def test_an_address_without_entries_has_the_defaults() -> None:
    campaign = _read("")
    assert campaign.assumptions == Assumptions(
        DEFAULTS["contact_cost_brl"],
        DEFAULTS["response_percent"] / 100,
        DEFAULTS["margin_percent"] / 100,
        None,
    )
    assert campaign.chosen == ()
    assert all(value < LIMITS[name] for name, value in DEFAULTS.items())


def test_defaults_are_shown_as_the_language_writes_them_and_read_back_the_same() -> None:
    for code in ("en", "pt", "ko"):
        with speaking(code):
            shown = {entry.field.name: entry.text for entry in _read("").entries}
            again = read_campaign(QueryParams(shown), ACTIONS)
        assert again.assumptions == _read("").assumptions
    with speaking("pt"):
        assert _read("").entries[0].text == "0,20"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000", 1000.0),
        ("0.5", 0.5),
        ("0,5", 0.5),
        (" R$ 12 ", 12.0),
        (".25", 0.25),
        ("12.3456", 12.3456),
        ("0", 0.0),
    ],
)
def test_amounts_are_read_with_a_point_or_a_comma(text: str, value: float) -> None:
    campaign = read_campaign(QueryParams({"contact_cost_brl": text, "budget_brl": text}), ACTIONS)
    assert campaign.assumptions is not None
    assert campaign.assumptions.contact_cost_brl == value
    assert campaign.assumptions.budget_brl == value


@pytest.mark.parametrize("text", ["1,000", "1.000", "1.000,50", "1,000.50", "1 000", "1.000.000"])
def test_separators_between_thousands_are_asked_to_be_left_out(text: str) -> None:
    campaign = read_campaign(QueryParams({"budget_brl": text}), ACTIONS)
    assert campaign.assumptions is None
    assert "without separators between thousands" in _errors(campaign)["budget_brl"]


@pytest.mark.parametrize("text", ["much", "nan", "inf", "1e5", "--1", "0x10", "1.2.3", "<b>"])
def test_what_is_no_number_is_told(text: str) -> None:
    campaign = read_campaign(QueryParams({"response_percent": text}), ACTIONS)
    assert campaign.assumptions is None
    assert _errors(campaign) == {"response_percent": f"“{text}” is not a number."}


@pytest.mark.parametrize(
    ("query", "name", "error"),
    [
        ("contact_cost_brl=-1", "contact_cost_brl", "This cannot be negative."),
        ("budget_brl=-0.01", "budget_brl", "This cannot be negative."),
        ("response_percent=100.1", "response_percent", "This cannot be more than 100%."),
        ("margin_percent=250%25", "margin_percent", "This cannot be more than 100%."),
        ("contact_cost_brl=1000000.5", "contact_cost_brl", "This cannot be more than R$\u00a01,000,000."),
        ("contact_cost_brl=", "contact_cost_brl", "Enter a number."),
    ],
)
def test_what_lies_out_of_bounds_is_told(query: str, name: str, error: str) -> None:
    campaign = _read(query)
    assert campaign.assumptions is None
    assert _errors(campaign) == {name: error}


def test_an_empty_budget_is_no_limit() -> None:
    campaign = _read("budget_brl=++")
    assert campaign.assumptions is not None
    assert campaign.assumptions.budget_brl is None


def test_bounds_themselves_are_allowed() -> None:
    assert _read("response_percent=100&margin_percent=100%25&contact_cost_brl=0").assumptions is not None


def test_actions_are_chosen_once_each_and_unknown_ones_told() -> None:
    assert _read("action=Win-back&action=Win-back").chosen == ("Win-back",)
    wrong = _read("action=Win-back&action=Spam")
    assert (wrong.chosen, wrong.assumptions) == (("Win-back",), None)
    assert "“Spam”" in wrong.chosen_error
