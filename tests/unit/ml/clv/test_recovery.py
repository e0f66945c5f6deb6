"""Parameters that customers were drawn from come back, the more exactly the more customers there are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.candidates import best_of
from ml.clv.config import ClvConfig
from ml.clv.family import PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.history import distinct_histories
from ml.clv.mbgnbd import MbgNbd
from ml.clv.paretonbd import ParetoNbd
from ml.clv.spend import fit_spend
from ml.clv.uncertainty import Covariance

TRUTHS = (
    BgNbd(0.6, 20.0, 0.8, 2.5, 0.0),
    MbgNbd(0.6, 20.0, 0.8, 2.5, 0.0),
    ParetoNbd(0.6, 20.0, 0.6, 50.0, 0.0),
)


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
@pytest.mark.parametrize("size", [3000, 48_000])
def test_drawn_parameters_are_recovered_within_their_standard_errors(
    draw: Callable[..., pd.DataFrame], textbook: Callable[..., Covariance], truth: PurchaseModel, size: int
) -> None:
    drawn = draw(truth, np.full(size, 200.0), 1.0, seed=4)
    columns = (drawn[name].to_numpy(float).round() for name in ("frequency", "recency", "T"))
    history, _ = distinct_histories(*columns, np.ones(size))
    best = best_of(type(truth).fit(history, 0.0, truth.starts, ClvConfig()))
    assert best is not None
    found = best.believed
    deviation = np.sqrt(np.diag(textbook(found, history)))
    assert (np.abs(found.vector - truth.vector) < 3.5 * deviation).all()
    assert (deviation < 0.7 * np.sqrt(3000 / size) * 2).all()


@pytest.mark.parametrize("size", [2000, 60_000])
def test_drawn_spend_parameters_are_recovered_within_their_standard_errors(size: int) -> None:
    rng = np.random.default_rng(6)
    frequency = rng.integers(1, 6, size)
    mean = rng.gamma(6.0 * frequency) / frequency / rng.gamma(4.0, 1 / 90.0, size)
    found = fit_spend(pd.DataFrame({"frequency": frequency, "monetary_value": mean}), ClvConfig())
    deviation = np.sqrt(np.diag(np.array(found.covariance)))
    truth = GammaGamma(6.0, 4.0, 90.0, 0.0)
    assert (np.abs(found.gamma_gamma.vector - truth.vector) < 3.5 * deviation).all()
    assert (deviation < 0.3 * np.sqrt(2000 / size)).all()
    assert found.gamma_gamma.mean_spend == pytest.approx(180.0, rel=4 / np.sqrt(size))
