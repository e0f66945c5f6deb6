"""Which version serves: promotion, holding back, replays, refits, other sources, and decisions by hand."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from assets.resources.registry import BY_HAND, BY_SEARCH, CHALLENGER, CHAMPION, Decision, RegistryError
from ml.metrics import Comparison
from ml.statements import Statement

AUGUST, SEPTEMBER = dt.date(2018, 8, 1), dt.date(2018, 9, 1)
BECAUSE = Statement("first_version", "because")


@pytest.fixture
def settle(tracking, record):
    """Record a version and settle it with a given verdict; returns the version after the decision."""

    def run(digest: str, month: str, promote: bool = True, **more):
        version = tracking.record(record(digest, month, **more))
        asked = []

        def decide(champion):
            asked.append(champion)
            comparison = Comparison("roc_auc", 0.6, 0.59, 0.01, -0.01, 0.03, True)
            return Decision(promote, BECAUSE, champion.number if champion else None, (comparison,))

        settled = tracking.registry().settle(version, decide)
        run.asked = asked
        return settled

    return run


@pytest.fixture
def champion(tracking, record):
    """The number of the version that serves at an as-of date."""
    name = record().name

    def run(as_of: dt.date = SEPTEMBER, lineage: str = "shop") -> str | None:
        found = tracking.registry().champion(name, as_of, lineage)
        return found.number if found else None

    return run


@pytest.fixture
def aliases(tracking, record):
    name = record().name

    def run() -> dict[str, str]:
        return {a: v.number for v in tracking.registry().versions(name) for a in v.aliases}

    return run


def test_the_first_version_promoted_becomes_the_champion(settle, champion, aliases) -> None:
    settled = settle("a", "2018-08")

    assert settle.asked == [None]
    assert (champion(), aliases()) == ("1", {CHAMPION: "1"})
    assert (settled.decision, settled.reason, settled.decided_by) == ("promoted", "because", "gate")


def test_a_first_version_that_is_held_back_leaves_no_champion(settle, champion, aliases) -> None:
    settle("a", "2018-08", promote=False)

    assert (champion(), aliases()) == (None, {CHALLENGER: "1"})


def test_a_promoted_version_takes_the_place_of_the_champion(settle, champion, aliases) -> None:
    settle("a", "2018-07")
    settle("b", "2018-08")

    assert [version.number for version in settle.asked] == ["1"]
    assert (champion(), champion(AUGUST), aliases()) == ("2", "1", {CHAMPION: "2"})


def test_a_version_held_back_waits_as_challenger(settle, champion, aliases) -> None:
    settle("a", "2018-07")
    held = settle("b", "2018-08", promote=False)

    assert (champion(), aliases()) == ("1", {CHAMPION: "1", CHALLENGER: "2"})
    assert (held.decision, held.compared_with) == ("held", "1")


def test_the_figures_of_a_decision_are_tags_of_version_and_run(settle, tracking) -> None:
    settle("a", "2018-07")
    settled = settle("b", "2018-08")
    client = tracking.client()

    for tags in (
        client.get_model_version(settled.name, "2").tags,
        client.get_run(settled.run_id).data.tags,
    ):
        assert (tags["decision"], tags["decision_reason"], tags["compared_with"]) == (
            "promoted",
            "because",
            "1",
        )
        assert json.loads(tags["decision_figures"])[0]["difference"] == 0.01


def test_a_replayed_month_knows_no_version_of_later_data(settle, champion, aliases) -> None:
    settle("a", "2018-08")
    settle("b", "2018-06")

    assert settle.asked == [None]
    assert (champion(dt.date(2018, 7, 1)), champion(), aliases()) == ("2", "1", {CHAMPION: "1"})


def test_a_version_found_again_keeps_its_decision(settle, champion) -> None:
    settle("a", "2018-07")
    settle("b", "2018-08")
    settle("b", "2018-08", promote=False)

    assert settle.asked == []
    assert champion() == "2"


def test_a_version_found_again_is_decided_anew_against_another_champion(settle, champion, aliases) -> None:
    settle("b", "2018-08")
    settle("a", "2018-07")
    settled = settle("b", "2018-08", promote=False)

    assert [version.number for version in settle.asked] == ["2"]
    assert settled.decision == "held"
    assert (champion(), aliases()) == ("2", {CHAMPION: "2", CHALLENGER: "1"})


def test_a_refit_on_the_same_date_supersedes_the_earlier_fit(settle, champion, aliases) -> None:
    settle("a", "2018-07")
    settle("b", "2018-08")
    settle("c", "2018-08", promote=False)

    assert [version.number for version in settle.asked] == ["1"]
    assert (champion(), aliases()) == ("1", {CHAMPION: "1", CHALLENGER: "3"})


def test_last_nights_version_of_the_same_month_is_not_superseded_tonight(settle, champion) -> None:
    settle("a", "2018-08", as_of=dt.date(2018, 8, 20))
    settle("b", "2018-08", as_of=dt.date(2018, 8, 21), promote=False)

    assert [version.number for version in settle.asked] == ["1"]
    assert champion() == "1"


def test_a_version_of_another_lineage_neither_competes_nor_serves(settle, champion, aliases) -> None:
    settle("a", "2018-07", lineage="sample")
    settle("b", "2018-08", lineage="shop")

    assert settle.asked == [None]
    assert (champion(lineage="shop"), champion(lineage="sample"), aliases()) == ("2", "1", {CHAMPION: "2"})


def test_what_a_search_found_stays_champion_when_the_night_is_run_again(settle, champion) -> None:
    settle("a", "2018-07")
    settle("b", "2018-08")
    settle("t", "2018-08", made_by=BY_SEARCH)
    settle("b", "2018-08", promote=True)

    assert settle.asked == []
    assert champion() == "3"


def test_a_rollback_by_hand_stands_when_the_night_is_run_again(settle, champion, aliases, tracking) -> None:
    name = settle("a", "2018-07").name
    settle("b", "2018-08")
    back = tracking.registry().roll_back(name, "scores looked wrong")
    settle("b", "2018-08")

    assert settle.asked == []
    assert (back.number, back.decided_by, back.reason) == ("1", BY_HAND, "scores looked wrong")
    assert json.loads(back.reason_coded) == [
        {"code": "chosen_by_hand", "values": {"reason": "scores looked wrong"}}
    ]
    assert (champion(), aliases()) == ("1", {CHAMPION: "1"})


def test_after_a_rollback_the_next_nights_version_is_compared_with_what_serves(
    settle, champion, tracking
) -> None:
    name = settle("a", "2018-06").name
    settle("b", "2018-07")
    tracking.registry().roll_back(name, "by hand")
    settle("c", "2018-08")

    assert [version.number for version in settle.asked] == ["1"]
    assert champion() == "3"


def test_a_version_held_back_can_be_promoted_by_hand(settle, champion, aliases, tracking) -> None:
    name = settle("a", "2018-07").name
    settle("b", "2018-08", promote=False)
    tracking.registry().promote(name, "2", "we know better")
    settle("b", "2018-08", promote=False)

    assert settle.asked == []
    assert (champion(), aliases()) == ("2", {CHAMPION: "2"})


def test_moving_the_alias_in_mlflow_is_a_promotion_by_hand(settle, champion, tracking) -> None:
    name = settle("a", "2018-07").name
    settle("b", "2018-08", promote=False)
    tracking.client().set_registered_model_alias(name, CHAMPION, "2")
    settled = settle("b", "2018-08", promote=False)

    assert settle.asked == []
    assert (settled.decision, settled.decided_by, champion()) == ("promoted", BY_HAND, "2")


def test_moving_the_alias_back_in_mlflow_is_a_rollback_by_hand(settle, champion, tracking) -> None:
    name = settle("a", "2018-06").name
    settle("b", "2018-07")
    settle("c", "2018-08")
    tracking.client().set_registered_model_alias(name, CHAMPION, "1")
    settle("c", "2018-08")

    assert settle.asked == []
    assert champion() == "1"


def test_there_is_nothing_to_roll_back_to_before_the_first_version(settle, tracking) -> None:
    name = settle("a", "2018-08").name

    with pytest.raises(RegistryError, match="no version promoted before version 1"):
        tracking.registry().roll_back(name, "why")


def test_a_version_that_is_not_there_cannot_be_promoted(settle, tracking) -> None:
    name = settle("a", "2018-08").name

    with pytest.raises(RegistryError, match=r"has no version 7; versions: 1"):
        tracking.registry().promote(name, "7", "why")
