"""The recency baseline against scikit-learn, and its failure."""

from __future__ import annotations

import numpy as np
import pytest

from ml.churn.baseline import fit_baseline


def test_the_fit_equals_an_unpenalised_logistic_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    recency = rng.integers(0, 500, 4000).astype(float)
    is_returned = rng.random(4000) < 0.3 / np.sqrt(1 + recency)
    ours = fit_baseline(recency, is_returned)
    design = np.log1p(recency)[:, None]
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(design, is_returned)
    np.testing.assert_allclose(ours.predict(recency), theirs.predict_proba(design)[:, 1], rtol=1e-4)
    assert ours.predict(recency).mean() == pytest.approx(is_returned.mean())


def test_one_recency_for_all_predicts_the_base_rate() -> None:
    is_returned = np.arange(100) < 12
    np.testing.assert_allclose(fit_baseline(np.full(100, 40.0), is_returned).predict(np.array([40.0])), 0.12)


def test_outcomes_that_recency_separates_are_refused() -> None:
    recency = np.arange(100.0)
    with pytest.raises(ValueError, match="separates"):
        fit_baseline(recency, recency < 30)
