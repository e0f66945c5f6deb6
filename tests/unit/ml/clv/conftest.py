"""Histories drawn from known BG/NBD parameters, and the published CDNOW data that lifetimes ships."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.clv.config import ClvConfig
from ml.clv.model import BgNbd, CltvModel, GammaGamma

PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, penalizer=0.0)
PUBLISHED_SPEND = GammaGamma(p=6.25, q=3.74, v=15.44, penalizer=0.0)
WAITS = 80


def draw_purchases(params: BgNbd, age: np.ndarray, horizon: float, seed: int) -> pd.DataFrame:
    """Draw one BG/NBD history per age: frequency, recency, T and the purchases in the horizon after T."""
    rng = np.random.default_rng(seed)
    n = len(age)
    rate = rng.gamma(params.r, 1 / params.alpha, n)
    leaves = rng.beta(params.a, params.b, n)
    times = np.cumsum(rng.exponential(1, (n, WAITS)), axis=1) / np.maximum(rate, 1e-300)[:, None]
    purchases_made = np.minimum(rng.geometric(np.clip(leaves, 1e-12, 1)), WAITS)
    happened = np.arange(WAITS)[None, :] < purchases_made[:, None]
    before = happened & (times <= age[:, None])
    after = happened & (times > age[:, None]) & (times <= age[:, None] + horizon)
    frequency = before.sum(axis=1)
    recency = np.where(before, times, 0).max(axis=1)
    return pd.DataFrame(
        {"frequency": frequency, "recency": recency, "T": age, "holdout_purchases": after.sum(axis=1)}
    )


def count_distinct(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct rows with their count as `customers`."""
    return rows.groupby(list(rows.columns)).size().rename("customers").reset_index()


@pytest.fixture
def draw() -> Callable[..., pd.DataFrame]:
    return draw_purchases


@pytest.fixture
def distinct() -> Callable[[pd.DataFrame], pd.DataFrame]:
    return count_distinct


@pytest.fixture
def published() -> BgNbd:
    return PUBLISHED


@pytest.fixture
def model() -> CltvModel:
    return CltvModel(PUBLISHED, PUBLISHED_SPEND, 180, 365, 0.10, (30, 90, 180, 365))


def shipped(name: str) -> pd.DataFrame:
    """Read a data file of lifetimes; its own loaders need pkg_resources, which is no longer shipped."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    return pd.read_csv(Path(spec.origin).parent / "datasets" / name)


@pytest.fixture(scope="session")
def cdnow() -> pd.DataFrame:
    """The summary of the CDNOW sample (2,357 customers, weeks): frequency, recency, T."""
    return shipped("cdnow_customers_summary.csv")[["frequency", "recency", "T"]]


@pytest.fixture(scope="session")
def cdnow_spend() -> pd.DataFrame:
    """The 946 repeat customers of the CDNOW sample: frequency, monetary_value."""
    summary = shipped("cdnow_customers_summary_with_transactions.csv")
    named = summary.rename(columns={"x": "frequency", "zbar": "monetary_value"})
    return named.loc[named["frequency"] > 0, ["frequency", "monetary_value"]]


@pytest.fixture(scope="session")
def shop() -> dict[str, pd.DataFrame]:
    """A shop of known parameters as training sees it: calibration, full and spend."""
    rng = np.random.default_rng(5)
    params = BgNbd(r=0.4, alpha=90.0, a=0.8, b=2.5, penalizer=0.0)
    history = draw_purchases(params, rng.integers(30, 400, 4000).astype(float), 180, seed=11).round()
    history = history[~((history["frequency"] > 0) & (history["recency"] < 1))]
    spend = pd.DataFrame({"frequency": history["frequency"]})[history["frequency"].to_numpy() > 0]
    level = 1 / rng.gamma(4.0, 1 / 60.0, len(spend))
    spend["monetary_value"] = (
        rng.gamma(3.0 * spend["frequency"], 1 / (3.0 * spend["frequency"])) * level * 60**2
    )
    return {
        "calibration": count_distinct(history),
        "full": count_distinct(history[["frequency", "recency", "T"]]),
        "spend": spend,
    }


@pytest.fixture
def config() -> ClvConfig:
    return ClvConfig()
