"""The actions of a snapshot, counted by hand on the tiny one."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from dashboard.planner import Assumptions
from dashboard.queries.actions import Mix, Part, actions, known_actions, mix_of_actions, steps_of_actions
from dashboard.queries.headline import Figure
from dashboard.ranking import Step
from dashboard.store import open_snapshot

ASSUMED = Assumptions(contact_cost_brl=0.1, response=0.1, margin=0.5)


def _steps(action: str, *cltv: float) -> list[dict[str, object]]:
    return [
        {"action": action, "step": i + 1, "customers": 1, "cltv_min": value, "cltv_total": value}
        for i, value in enumerate(cltv)
    ]


@pytest.fixture
def acting(rows):
    """The tiny snapshot with the steps of its actions, and one of them in the month before."""
    rows["action_steps"] = [*_steps("Nurture", 3.0, 1.0, 0.5), *_steps("VIP promotion", 9.0)]
    july = next(row for row in rows["segment_summary"] if row["segment"] == "Nurture")
    rows["segment_summary"].append(july | {"snapshot_month": "2018-07", "customers": 2})
    return rows


def test_actions_come_by_expected_spend_with_their_change(publish, acting) -> None:
    answer = actions(open_snapshot(publish(acting)), None, [])
    assert [one.segment.segment for one in answer.actions] == ["VIP promotion", "Nurture"]
    assert answer.actions[1].size == Figure(3, 2, 1, 0.5)
    assert answer.actions[0].size == Figure(1, 0, 1, None)
    assert (answer.compared_with, answer.plan) == ("2018-07", None)


def test_without_a_month_before_there_is_no_change(publish, rows) -> None:
    answer = actions(open_snapshot(publish(rows, months=["2018-08"])), None, [])
    assert answer.compared_with is None
    assert answer.actions[0].size == Figure(1, None, None, None)


def test_nothing_chosen_plans_for_every_action(publish, acting) -> None:
    answer = actions(open_snapshot(publish(acting)), ASSUMED, [])
    assert answer.chosen == ("VIP promotion", "Nurture")
    assert answer.plan is not None
    assert (answer.plan.outcome.contacted, answer.plan.outcome.cltv_total) == (2, 12.0)
    assert answer.plan.outcome.net_return_brl == pytest.approx(0.05 * 12 - 0.2)


def test_the_plan_is_of_the_chosen_actions(publish, acting) -> None:
    answer = actions(open_snapshot(publish(acting)), ASSUMED, ["Nurture"])
    assert answer.plan is not None
    assert [(part.name, part.customers) for part in answer.plan.shares] == [("Nurture", 3)]
    assert len(answer.actions) == 2


def test_without_a_model_there_is_no_plan(publish, rows) -> None:
    answer = actions(open_snapshot(publish(rows)), ASSUMED, [])
    assert (answer.plan, answer.actions[0].top_tenth_share) == (None, None)


def test_the_top_tenth_is_measured_on_the_steps(publish, rows) -> None:
    rows["action_steps"] = _steps("Nurture", 55.0, *(5.0 for _ in range(9)))
    answer = actions(open_snapshot(publish(rows)), None, [])
    assert answer.actions[1].top_tenth_share == pytest.approx(0.55)


def test_steps_come_in_their_order(asking, acting) -> None:
    acting["action_steps"].reverse()
    with asking(acting) as connection:
        steps = steps_of_actions(connection)
    assert steps["Nurture"] == (Step(1, 3.0, 3.0), Step(1, 1.0, 1.0), Step(1, 0.5, 0.5))


def test_known_actions_are_those_that_somebody_was_given(publish, rows) -> None:
    assert set(known_actions(open_snapshot(publish(rows)))) == {"Nurture", "VIP promotion"}


def test_the_mix_is_what_the_customers_count_to(asking, rows) -> None:
    draw = random.Random(5)
    names = ("action", "risk_band", "value_tier", "age_band")
    values = (("Nurture", "Win-back"), ("red", "green", "unknown"), ("High Value", "Low Value"), ("a", "b"))
    customers = [tuple(draw.choice(segments) for segments in values) for _ in range(200)]
    rows["segment_cube"] = [
        dict(zip(names, cell, strict=True)) | {"customers": number}
        for cell, number in Counter(customers).items()
    ]
    with asking(rows) as connection:
        found = mix_of_actions(connection)
    assert set(found) == {"Nurture", "Win-back"}
    for action, mix in found.items():
        members = [one for one in customers if one[0] == action]
        for at, parts in ((1, mix.risk_band), (2, mix.value_tier)):
            assert {part.segment: part.customers for part in parts} == Counter(one[at] for one in members)
            for part in parts:
                assert part.customers_share == pytest.approx(part.customers / len(members))
        assert [part.segment for part in mix.risk_band] == ["red", "green", "unknown"]


def test_every_action_has_its_own_mix(publish, rows) -> None:
    cell = {"action": "Nurture", "value_tier": "Low Value"}
    rows["segment_cube"] = [
        cell | {"risk_band": "yellow", "customers": 1},
        cell | {"risk_band": "red", "customers": 2},
    ]
    vip, nurture = (one.mix for one in actions(open_snapshot(publish(rows)), None, []).actions)
    assert vip == Mix()
    assert nurture.risk_band == (
        Part("red", 2, pytest.approx(2 / 3)),
        Part("yellow", 1, pytest.approx(1 / 3)),
    )
    assert nurture.value_tier == (Part("Low Value", 3, 1.0),)
