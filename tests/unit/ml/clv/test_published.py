"""Published results on CDNOW: parameters, likelihoods, standard errors and the 39-week holdout.

BG/NBD and Pareto/NBD: Fader, Hardie & Lee (2005), table 1 and section 5. Gamma-Gamma: Fader & Hardie (2013). The
same data with MBG/NBD: the values of lifetimes and of other packages. Times are in weeks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ml.clv.candidates import best_of
from ml.clv.config import ClvConfig
from ml.clv.evaluation import evaluate, predict
from ml.clv.family import FAMILIES, PurchaseModel
from ml.clv.history import History
from ml.clv.holdout import Holdout
from ml.clv.spend import fit_spend
from ml.clv.tries import covariance_to_draw_from
from ml.clv.uncertainty import Covariance, standard_errors

WEEKS = 39
PARAMETERS = {
    "BG/NBD": ([0.243, 4.414, 0.793, 2.426], -9582.4),
    "MBG/NBD": ([0.525, 6.183, 0.891, 1.614], -9582.1),
    "Pareto/NBD": ([0.553, 10.578, 0.606, 11.669], -9595.0),
}
HOLDOUT = {
    "BG/NBD": (-0.122, 0.626, 0.786),
    "MBG/NBD": (-0.162, 0.627, 0.765),
    "Pareto/NBD": (-0.115, 0.630, 0.755),
}
FEW = ClvConfig(horizon_days=WEEKS, bootstrap_replicates=2)


@pytest.fixture(scope="module")
def holdout(cdnow: pd.DataFrame) -> Holdout:
    frame = cdnow.assign(monetary_value=(cdnow["frequency"] > 0) * 1.0, customers=1)
    return Holdout.from_frame(frame, WEEKS)


@pytest.fixture(scope="module")
def fitted(holdout: Holdout) -> dict[str, PurchaseModel]:
    found = {}
    for name, family in FAMILIES.items():
        best = best_of(family.fit(holdout.history, 0.0, family.starts, FEW))
        assert best is not None
        found[name] = best.believed
    return found


def test_the_sample_has_as_many_customers_and_purchases_as_published(cdnow: pd.DataFrame) -> None:
    assert len(cdnow) == 2357
    assert (cdnow["frequency"] > 0).sum() == 946
    assert cdnow["holdout_purchases"].sum() == 1882


@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_are_those_published(fitted: dict[str, PurchaseModel], family: str) -> None:
    found = list(fitted[family].parameters.values())
    np.testing.assert_allclose(found, PARAMETERS[family][0], rtol=0.005)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_log_likelihood_is_that_published(
    fitted: dict[str, PurchaseModel], holdout: Holdout, family: str
) -> None:
    found = holdout.history.customers @ fitted[family].log_likelihood(*holdout.history.rows)
    assert found == pytest.approx(PARAMETERS[family][1], abs=0.1)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_holdout_is_foretold_as_published(
    fitted: dict[str, PurchaseModel], holdout: Holdout, family: str
) -> None:
    found = evaluate(predict(holdout, fitted[family], None), holdout.rows.customers, FEW).point
    error, correlation, miss = HOLDOUT[family]
    assert found["holdout_total_error"] == pytest.approx(error, abs=0.0006)
    assert found["holdout_correlation"] == pytest.approx(correlation, abs=0.0006)
    assert found["holdout_mae"] == pytest.approx(miss, abs=0.0006)


def test_standard_errors_of_pareto_nbd_from_the_information_are_those_published(
    fitted: dict[str, PurchaseModel], holdout: Holdout, textbook: Callable[..., Covariance]
) -> None:
    model = fitted["Pareto/NBD"]
    errors = standard_errors(model, textbook(model, holdout.history, robust=False))
    np.testing.assert_allclose(errors, [0.0476, 0.843, 0.187, 6.21], rtol=0.02)


def test_standard_errors_of_bgnbd_are_near_those_of_lifetimes(
    fitted: dict[str, PurchaseModel], holdout: Holdout, textbook: Callable[..., Covariance]
) -> None:
    model = fitted["BG/NBD"]
    errors = standard_errors(model, textbook(model, holdout.history, robust=False))
    np.testing.assert_allclose(errors, [0.0126, 0.378, 0.186, 0.705], rtol=0.02)


def test_robust_standard_errors_differ_little_where_the_model_fits(
    fitted: dict[str, PurchaseModel], holdout: Holdout, textbook: Callable[..., Covariance]
) -> None:
    for model in fitted.values():
        both = [standard_errors(model, textbook(model, holdout.history, robust)) for robust in (True, False)]
        assert (both[0] != both[1]).all()
        np.testing.assert_allclose(both[0], both[1], rtol=0.5)


@pytest.mark.parametrize("family", FAMILIES)
def test_where_a_sample_determines_the_parameters_the_errors_shown_are_the_textbooks(
    fitted: dict[str, PurchaseModel], holdout: Holdout, textbook: Callable[..., Covariance], family: str
) -> None:
    model = fitted[family]
    shown = standard_errors(model, covariance_to_draw_from(model, holdout.history, seed=7))
    robust = standard_errors(model, textbook(model, holdout.history))
    assert (shown > 0.99 * robust).all()
    np.testing.assert_allclose(shown, robust, rtol=0.5)


def test_gamma_gamma_has_the_published_parameters_and_likelihood(cdnow_spend: pd.DataFrame) -> None:
    found = fit_spend(cdnow_spend, ClvConfig()).gamma_gamma
    np.testing.assert_allclose([found.p, found.q, found.v], [6.25, 3.74, 15.44], rtol=0.005)
    x, m = cdnow_spend["frequency"].to_numpy(float), cdnow_spend["monetary_value"].to_numpy(float)
    assert found.log_likelihood_and_scores(x, m)[0].sum() == pytest.approx(-4055.9, abs=0.1)
    assert found.penalizer == 0.0


def test_counting_equal_histories_gives_the_same_fit_as_listing_them(
    cdnow: pd.DataFrame, textbook: Callable[..., Covariance]
) -> None:
    rows = cdnow.iloc[::6]
    counts = np.arange(len(rows)) % 4 + 1
    weighted = History.from_frame(rows.assign(customers=counts), "weighted")
    repeated = History.from_frame(rows.loc[rows.index.repeat(counts)].assign(customers=1), "repeated")
    for family in FAMILIES.values():
        one, other = (best_of(family.fit(h, 1e-3, family.starts, FEW)) for h in (weighted, repeated))
        assert one is not None
        assert other is not None
        assert one.optimum.loss == pytest.approx(other.optimum.loss, rel=1e-9)
        np.testing.assert_allclose(one.optimum.vector, other.optimum.vector, atol=1e-3)
        around = [textbook(fit.believed, h) for fit, h in ((one, weighted), (other, repeated))]
        np.testing.assert_allclose(around[0], around[1], rtol=0.02, atol=1e-4)


def test_another_unit_of_time_only_rescales_times(cdnow: pd.DataFrame) -> None:
    days = cdnow.assign(recency=cdnow["recency"] * 7, T=cdnow["T"] * 7, customers=1)
    in_weeks, in_days = (
        History.from_frame(cdnow.assign(customers=1), "weeks"),
        History.from_frame(days, "days"),
    )
    for family in FAMILIES.values():
        one, other = (best_of(family.fit(h, 1e-3, family.starts, FEW)) for h in (in_weeks, in_days))
        assert one is not None
        assert other is not None
        np.testing.assert_allclose(other.believed.in_units(7).vector, one.believed.vector, atol=1e-4)
