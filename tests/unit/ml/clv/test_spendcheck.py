"""The check of Gamma-Gamma's assumption: the correlation, its interval and p-value, and its words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from ml.clv.spendcheck import check_spend
from ml.errors import InvalidInputError


def frame(frequency: np.ndarray, value: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"frequency": frequency, "monetary_value": value})


def related(strength: float, size: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frequency = rng.geometric(0.5, size)
    return frame(frequency, np.exp(strength * np.log(frequency) + rng.normal(0, 1, size)))


def test_the_correlation_and_its_p_value_are_those_of_scipy() -> None:
    spend = related(0.3)
    found = check_spend(spend)
    theirs = spearmanr(spend["frequency"], spend["monetary_value"])
    assert found.correlation == pytest.approx(theirs.statistic)
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert found.customers == 400


def test_the_interval_covers_no_correlation_about_as_often_as_it_says() -> None:
    """Of 300 samples a 95 % interval covers 285, give or take 3 standard deviations."""
    found = [check_spend(related(0.0, 80, seed)) for seed in range(300)]
    covered = sum(one.low is not None and one.high is not None and one.low <= 0 <= one.high for one in found)
    assert abs(covered - 285) <= 3 * np.sqrt(300 * 0.95 * 0.05)


@pytest.mark.parametrize(
    ("strength", "size", "words"),
    [
        (0.0, 400, "no dependence on frequency"),
        (0.12, 40_000, "slightly more per purchase"),
        (0.4, 2000, "somewhat more per purchase"),
        (2.0, 400, "clearly more per purchase"),
        (-2.0, 400, "clearly less per purchase"),
    ],
)
def test_the_sentence_says_how_strong_and_which_way(strength: float, size: int, words: str) -> None:
    assert words in check_spend(related(strength, size)).sentence


def test_a_perfect_order_has_no_chance_to_be_one_by_chance() -> None:
    found = check_spend(frame(np.arange(1, 11), np.arange(1.0, 11)))
    assert found.correlation == pytest.approx(1.0)
    assert found.p_value == pytest.approx(0.0, abs=1e-12)
    assert found.high is not None
    assert found.high <= 1.0


@pytest.mark.parametrize(
    ("spend", "why"),
    [
        (frame(np.array([1, 2]), np.array([5.0, 6.0])), "2 repeat"),
        (frame(np.ones(50), np.arange(1.0, 51)), "same frequency"),
        (frame(np.arange(1, 51), np.full(50, 9.9)), "same spend"),
        (frame(np.array([], dtype=int), np.array([])), "0 repeat"),
    ],
)
def test_what_cannot_be_checked_is_said_and_not_made_up(spend: pd.DataFrame, why: str) -> None:
    found = check_spend(spend)
    assert found.correlation is None
    assert found.p_value is None
    assert "cannot be checked" in found.sentence
    assert why in found.sentence


@pytest.mark.parametrize(("frequency", "value"), [(0, 10.0), (1, 0.0), (1, -3.0), (1, np.nan)])
def test_zero_purchases_and_spend_without_worth_are_refused(frequency: int, value: float) -> None:
    spend = related(0.0).astype(float)
    spend.loc[3] = [frequency, value]
    with pytest.raises(InvalidInputError, match="spend: "):
        check_spend(spend)
