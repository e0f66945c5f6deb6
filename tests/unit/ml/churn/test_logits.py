"""The logistic regression on one variable against scikit-learn, and its failure; log-odds at the ends."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from ml.churn.logits import fit_logistic, log_likelihood, log_odds


def test_the_fit_equals_an_unpenalised_logistic_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    variable = rng.uniform(0, 6, 4000)
    is_returned = rng.random(4000) < 0.3 * np.exp(-variable / 2)
    intercept, slope = fit_logistic(variable, is_returned, "recency")
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(variable[:, None], is_returned)
    assert [intercept, slope] == pytest.approx([theirs.intercept_[0], theirs.coef_[0, 0]], rel=1e-4)
    assert expit(intercept + slope * variable).mean() == pytest.approx(is_returned.mean())


def test_one_value_for_all_predicts_the_base_rate() -> None:
    intercept, slope = fit_logistic(np.full(100, 4.0), np.arange(100) < 12, "recency")
    assert expit(intercept + slope * 4.0) == pytest.approx(0.12)


def test_outcomes_that_are_separated_are_refused_by_name() -> None:
    variable = np.arange(100.0)
    with pytest.raises(ValueError, match="recency separates"):
        fit_logistic(variable, variable < 30, "recency")


def test_log_odds_are_finite_at_zero_and_one() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert log_odds(np.array([0.5, 0.75])) == pytest.approx([0.0, np.log(3)])


def test_the_log_likelihood_is_that_of_coins() -> None:
    assert log_likelihood(np.array([0.25, 0.25]), np.array([1, 0])) == pytest.approx(np.log(0.25 * 0.75))
