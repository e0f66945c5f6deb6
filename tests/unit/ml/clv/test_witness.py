"""lifetimes is heard beside every BG/NBD fit, and its side effects stay inside."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.candidates import best_of
from ml.clv.config import ClvConfig
from ml.clv.history import History
from ml.clv.witness import hear_lifetimes


def draw_history(customers: int, seed: int = 3) -> History:
    """Histories drawn from BG/NBD (r .4, alpha 60 days, a .8, b 2.5), counted by distinct row."""
    rng = np.random.default_rng(seed)
    T = rng.integers(30, 400, customers).astype(float)
    rate, drop_out = rng.gamma(0.4, 1 / 60, customers), rng.beta(0.8, 2.5, customers)
    age, frequency, recency = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    stays = np.ones(customers, dtype=bool)
    while stays.any():
        age = age + np.ceil(rng.exponential(1 / np.maximum(rate, 1e-9)))
        stays &= age <= T
        frequency, recency = np.where(stays, frequency + 1, frequency), np.where(stays, age, recency)
        stays &= rng.random(customers) >= drop_out
    frame = pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})
    counted = frame.value_counts().rename("customers").reset_index()
    return History.from_frame(counted, "drawn")


@pytest.fixture(scope="module")
def history() -> History:
    return draw_history(3_000)


@pytest.fixture(scope="module", params=[0.0, 0.001])
def fitted(request: pytest.FixtureRequest, history: History) -> BgNbd:
    best = best_of(BgNbd.fit(history, request.param, BgNbd.starts, ClvConfig()))
    assert best is not None
    model = best.believed
    assert isinstance(model, BgNbd)
    return model


def test_lifetimes_finds_the_same_fit(fitted: BgNbd, history: History) -> None:
    witness = hear_lifetimes(fitted, history)

    assert witness.agrees
    assert witness.parameters == pytest.approx(fitted.parameters, rel=2e-3)
    assert witness.gap == pytest.approx(0, abs=0.01)
    assert witness.sentence.startswith("lifetimes finds the same BG/NBD")


def test_a_worse_fit_of_ours_is_told(fitted: BgNbd, history: History) -> None:
    witness = hear_lifetimes(replace(fitted, r=fitted.r * 1.5), history)

    assert not witness.agrees
    assert witness.gap is not None
    assert witness.gap < -1
    assert "finds a more probable BG/NBD than ours" in witness.sentence


def test_a_fit_of_lifetimes_that_cannot_be_believed_says_nothing(fitted: BgNbd) -> None:
    once = History(np.array([0.0, 1.0]), np.array([0.0, 5.0]), np.array([30.0, 10.0]), np.array([97.0, 3.0]))
    witness = hear_lifetimes(replace(fitted, penalizer=0.0), once)

    assert witness.agrees
    assert (witness.parameters, witness.gap) == ({}, None)
    assert "no fit to compare with: its a = 2.35e+04 ran out of the domain" in witness.sentence


def test_lifetimes_leaves_warnings_and_pandas_as_they_were(fitted: BgNbd, history: History) -> None:
    pd.options.mode.chained_assignment = "warn"
    filters = list(warnings.filters)
    hear_lifetimes(fitted, history)

    assert pd.options.mode.chained_assignment == "warn"
    assert warnings.filters == filters
