"""Drift: the index of known shares, what it sees and what it does not, and JSON there and back."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from ml.drift import SMALLEST_SHARE, Reference, population_stability, stability_index
from ml.errors import InvalidInputError


def draw(size: int, seed: int, days: float = 100.0, states: str = "ABC") -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "days": rng.gamma(2, days / 2, size),
            "orders": np.where(rng.random(size) < 0.97, 1, 2),
            "stars": np.where(rng.random(size) < 0.1, np.nan, rng.integers(1, 6, size)),
            "state": rng.choice(list(states), size),
        }
    )
    return frame, rng.beta(20, 1, size)


@pytest.fixture(scope="module")
def reference() -> Reference:
    frame, scores = draw(20_000, seed=1)
    return Reference.of(frame, ["days", "orders", "stars"], ["state"], scores)


def psi(reference: Reference, frame: pd.DataFrame, scores: np.ndarray) -> dict[str, float]:
    found = population_stability(reference, frame, scores)
    return dict(zip(found["feature"], found["psi"], strict=True))


def test_the_index_of_shares_worked_out_by_hand() -> None:
    # (.4 - .5) log(.4 / .5) + (.6 - .5) log(.6 / .5) = .0223144 + .0182322
    assert stability_index(np.array([0.5, 0.5]), np.array([0.4, 0.6])) == pytest.approx(0.0405465, abs=1e-7)


def test_an_empty_bin_counts_as_the_smallest_share() -> None:
    expected = (SMALLEST_SHARE - 0.5) * np.log(SMALLEST_SHARE / 0.5) + 0.5 * np.log(1.0 / 0.5)
    assert stability_index(np.array([0.5, 0.5]), np.array([0.0, 1.0])) == pytest.approx(expected)
    assert stability_index(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 0


def test_another_draw_of_the_same_population_is_stable(reference: Reference) -> None:
    found = psi(reference, *draw(20_000, seed=2))
    assert set(found) == {"days", "orders", "stars", "state", "churn_probability"}
    assert max(found.values()) < 0.01


def test_what_moved_stands_first_and_the_rest_is_stable(reference: Reference) -> None:
    frame, scores = draw(20_000, seed=3, days=200.0)
    found = population_stability(reference, frame, scores)
    assert found["feature"].iloc[0] == "days"
    assert found["psi"].iloc[0] > 0.25
    assert found["psi"].iloc[1:].max() < 0.01


def test_missing_values_are_a_bin(reference: Reference) -> None:
    frame, scores = draw(20_000, seed=4)
    found = psi(reference, frame.assign(stars=np.nan, state=None), scores)
    assert found["stars"] > 1
    assert found["state"] > 1


def test_categories_never_seen_count_together(reference: Reference) -> None:
    frame, scores = draw(20_000, seed=5, states="ABCDEF")
    assert psi(reference, frame, scores)["state"] > 1


def test_scores_that_moved_are_seen(reference: Reference) -> None:
    frame, scores = draw(20_000, seed=6)
    assert psi(reference, frame, scores**3)["churn_probability"] > 0.25


def test_a_rise_of_a_rare_value_is_seen_among_frequent_ones(reference: Reference) -> None:
    frame, scores = draw(20_000, seed=7)
    assert psi(reference, frame.assign(orders=2), scores)["orders"] > 1


def test_shares_sum_to_one_and_survive_json(reference: Reference) -> None:
    for bins in (*reference.numeric.values(), reference.score):
        assert sum(bins.shares) == pytest.approx(1)
        assert len(bins.shares) == len(bins.edges) + 2
    again = Reference.from_dict(json.loads(json.dumps(reference.to_dict())))
    assert again == reference


def test_a_feature_that_nobody_has_is_one_bin() -> None:
    frame = pd.DataFrame({"km": [np.nan, np.nan], "state": ["A", "B"]})
    reference = Reference.of(frame, ["km"], ["state"], np.array([0.5, 0.6]))
    assert psi(reference, frame, np.array([0.5, 0.6]))["km"] == 0
    assert psi(reference, frame.assign(km=[1.0, 2.0]), np.array([0.5, 0.6]))["km"] > 1


def test_a_missing_feature_and_no_rows_are_refused(reference: Reference) -> None:
    frame, scores = draw(10, seed=8)
    with pytest.raises(InvalidInputError, match=r"drift: missing column\(s\) state"):
        population_stability(reference, frame.drop(columns="state"), scores)
    with pytest.raises(ValueError, match="drift: there are no rows"):
        population_stability(reference, frame.iloc[:0], scores[:0])
    with pytest.raises(ValueError, match="drift reference: there are no rows"):
        Reference.of(frame.iloc[:0], ["days"], ["state"], scores[:0])
