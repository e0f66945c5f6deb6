"""The planner of contacts against brute force over drawn customers."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard.planner import Assumptions, Plan, outcome, plan
from dashboard.ranking import Ranking, Step

CHEAP = Assumptions(contact_cost_brl=0.5, response=0.1, margin=0.3)


def _steps(spends: np.ndarray) -> list[Step]:
    """Hundredths by falling spend, as SQL's ntile makes them: the first ones hold one more where it does not divide."""
    ordered = np.sort(spends)[::-1]
    parts = [part for part in np.array_split(ordered, 100) if len(part)]
    return [Step(len(part), float(part.min()), math.fsum(part)) for part in parts]


def _drawn(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(mean=2.0, sigma=1.2, size=size)


def _net(spends: np.ndarray, contacted: int, assumptions: Assumptions) -> float:
    """Customer by customer in falling order of spend."""
    first = np.sort(spends)[::-1][:contacted]
    gains = assumptions.response * assumptions.margin * first - assumptions.contact_cost_brl
    return math.fsum(gains)


def _brute(spends: np.ndarray, assumptions: Assumptions) -> tuple[int, float]:
    """The best number of contacts and its net return, by trying every number that the budget pays for."""
    ordered = np.sort(spends)[::-1]
    gains = assumptions.response * assumptions.margin * ordered - assumptions.contact_cost_brl
    nets = np.concatenate([[0.0], np.cumsum(gains)])
    if assumptions.budget_brl is not None and assumptions.contact_cost_brl:
        nets = nets[: int(assumptions.budget_brl / assumptions.contact_cost_brl + 1e-9) + 1]
    best = int(np.argmax(nets))
    return best, float(nets[best])


def _planned(groups: dict[str, np.ndarray], assumptions: Assumptions) -> Plan:
    found = plan({name: _steps(spends) for name, spends in groups.items()}, assumptions)
    assert found
    return found


@pytest.mark.parametrize("budget", [None, 0.0, 3.0, 17.7, 1000.0])
@pytest.mark.parametrize("seed", range(5))
def test_where_every_customer_is_a_step_the_plan_is_that_of_brute_force(
    seed: int, budget: float | None
) -> None:
    groups = {"a": _drawn(seed, 100), "b": _drawn(seed + 50, 37), "c": _drawn(seed + 90, 1)}
    assumptions = replace(CHEAP, budget_brl=budget)
    found = _planned(groups, assumptions)
    everyone = np.concatenate(list(groups.values()))
    contacted, net = _brute(everyone, assumptions)
    assert found.outcome.contacted == contacted
    assert found.outcome.net_return_brl == pytest.approx(net)
    for part in found.shares:
        wanted = groups[part.name] >= (found.cltv_min or math.inf) - 1e-9
        assert part.outcome.contacted == wanted.sum()
        assert part.outcome.cltv_total == pytest.approx(groups[part.name][wanted].sum())


@pytest.mark.parametrize(("cost", "tolerance"), [(0.02, 0.001), (0.1, 0.001), (0.5, 0.001), (3.0, 0.02)])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_cut_off_lies_within_a_hundredth_of_brute_force(
    seed: int, cost: float, tolerance: float
) -> None:
    spends = _drawn(seed, 8_000)
    assumptions = replace(CHEAP, contact_cost_brl=cost)
    found = _planned({"a": spends}, assumptions)
    contacted, net = _brute(spends, assumptions)
    assert abs(found.outcome.contacted - contacted) <= 80
    assert found.outcome.net_return_brl == pytest.approx(net, rel=tolerance)
    assert found.cltv_min == pytest.approx(cost / 0.03)
    assert np.sum(spends >= found.cltv_min) == contacted


@pytest.mark.parametrize("contacts", [1, 79, 80, 81, 1234, 5000])
def test_a_budget_ends_the_plan_at_the_contacts_it_pays_for(contacts: int) -> None:
    spends = _drawn(1, 8_000)
    assumptions = Assumptions(0.1, 0.1, 0.3, budget_brl=contacts * 0.1)
    found = _planned({"a": spends}, assumptions)
    assert (found.outcome.contacted, found.is_limited_by_budget) == (contacts, True)
    assert found.outcome.cost_brl <= assumptions.budget_brl + 1e-9
    assert found.best.contacted > contacts
    assert abs(np.sum(spends >= found.cltv_min) - contacts) <= 80
    if contacts >= 80:
        assert found.outcome.net_return_brl == pytest.approx(_net(spends, contacts, assumptions), rel=0.005)


def test_every_point_of_the_curve_lies_on_brute_forces_curve() -> None:
    spends = np.concatenate([_drawn(2, 5_000), np.full(700, 12.5)])
    found = _planned({"a": spends[:3_000], "b": spends[3_000:]}, CHEAP)
    assert [found.curve[0].contacted, found.curve[0].net_return_brl] == [0, 0.0]
    for point in found.curve:
        exact = _net(spends, point.contacted, CHEAP)
        assert point.net_return_brl == pytest.approx(exact, abs=0.02 * found.best.net_return_brl)
    assert max(point.net_return_brl for point in found.curve) == pytest.approx(found.best.net_return_brl)


def test_the_curve_bends_downwards_only() -> None:
    found = _planned({"a": _drawn(3, 4_000), "b": _drawn(4, 333)}, CHEAP)
    slopes = [
        (b.net_return_brl - a.net_return_brl) / (b.contacted - a.contacted)
        for a, b in itertools.pairwise(found.curve)
    ]
    assert all(later <= earlier + 1e-9 for earlier, later in itertools.pairwise(slopes))


def test_the_curve_ends_with_everybody_or_a_loss_as_large_as_the_best_return() -> None:
    spends = _drawn(2, 5_000)
    assert _planned({"a": spends}, replace(CHEAP, contact_cost_brl=0.01)).curve[-1].contacted == 5_000
    dear = _planned({"a": spends}, replace(CHEAP, contact_cost_brl=2.0)).curve
    assert dear[-1].contacted < 5_000
    assert dear[-1].net_return_brl < 0


def test_the_parts_add_up_to_the_plan() -> None:
    groups = {"a": _drawn(5, 3_001), "b": _drawn(6, 250), "c": np.array([])}
    for budget in (None, 20.0, 333.3):
        found = _planned(groups, replace(CHEAP, budget_brl=budget))
        parts = [part.outcome for part in found.shares]
        assert sum(part.contacted for part in parts) == found.outcome.contacted
        for name in ("cost_brl", "extra_revenue_brl", "net_return_brl", "net_return_half_brl"):
            assert math.fsum(getattr(part, name) for part in parts) == pytest.approx(
                getattr(found.outcome, name)
            )
        assert [part.customers for part in found.shares] == [3_001, 250, 0]
        assert found.customers == 3_251


def test_equal_spends_are_divided_among_the_groups_that_hold_them() -> None:
    found = _planned({"a": np.full(300, 20.0), "b": np.full(100, 20.0)}, replace(CHEAP, budget_brl=50.0))
    assert {part.name: part.outcome.contacted for part in found.shares} == {"a": 75, "b": 25}
    assert found.cltv_min == 20.0
    assert found.outcome.net_return_brl == pytest.approx(100 * (0.03 * 20.0 - 0.5))


def test_a_customer_at_the_break_even_is_contacted_and_one_below_is_not() -> None:
    at = CHEAP.break_even_brl
    assert _planned({"a": np.array([at])}, CHEAP).outcome.contacted == 1
    assert _planned({"a": np.array([at - 1e-6])}, CHEAP).outcome.contacted == 0


@pytest.mark.parametrize(
    "assumptions",
    [
        replace(CHEAP, response=0.0),
        replace(CHEAP, margin=0.0),
        replace(CHEAP, contact_cost_brl=0.0, response=0.0),
        replace(CHEAP, contact_cost_brl=1e6),
        replace(CHEAP, budget_brl=0.0),
        replace(CHEAP, budget_brl=0.49),
    ],
)
def test_where_no_contact_pays_or_none_is_paid_for_nobody_is_contacted(assumptions: Assumptions) -> None:
    found = _planned({"a": _drawn(7, 500)}, assumptions)
    assert (found.outcome.contacted, found.outcome.net_return_brl, found.cltv_min) == (0, 0.0, None)


def test_a_contact_without_cost_is_made_with_everybody_whatever_the_budget() -> None:
    spends = _drawn(8, 500)
    found = _planned({"a": spends}, replace(CHEAP, contact_cost_brl=0.0, budget_brl=0.0))
    assert found.outcome.contacted == 500
    assert found.outcome.net_return_brl == pytest.approx(0.03 * spends.sum())


def test_a_budget_without_measure_is_no_limit() -> None:
    tiny = replace(CHEAP, contact_cost_brl=5e-324, budget_brl=1e9)
    assert _planned({"a": _drawn(8, 500)}, tiny).outcome.contacted == 500


@pytest.mark.parametrize("groups", [{}, {"a": []}, {"a": [], "b": []}])
def test_without_a_model_there_is_no_plan(groups: dict[str, list[Step]]) -> None:
    assert plan(groups, CHEAP) is None


def test_half_and_double_the_response_are_of_the_same_contacts() -> None:
    result = outcome(10, 1000.0, Assumptions(2.0, 0.1, 0.5))
    assert (result.cost_brl, result.extra_revenue_brl) == (20.0, 100.0)
    assert (result.net_return_half_brl, result.net_return_brl, result.net_return_double_brl) == (
        5.0,
        30.0,
        80.0,
    )


def test_a_ranking_keeps_every_hundredths_customers_and_sum() -> None:
    spends = _drawn(9, 12_345)
    steps = _steps(spends)
    ranking = Ranking([steps])
    contacted, total = 0, 0.0
    for step in steps:
        contacted, total = contacted + step.customers, total + step.cltv_total
        assert ranking.total(contacted) == pytest.approx(total)
        assert ranking.count(step.cltv_min) == pytest.approx(contacted, abs=124)
    assert ranking.total(0) == 0.0
    assert ranking.cltv_max >= steps[0].cltv_total / steps[0].customers
    assert Ranking([]).total(5) == 0.0
