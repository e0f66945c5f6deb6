"""Histories drawn from known parameters, and the published CDNOW data that lifetimes ships."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.candidates import penalized_loss
from ml.clv.config import ClvConfig
from ml.clv.family import FAMILIES, PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.history import History
from ml.clv.mbgnbd import MbgNbd
from ml.clv.model import CltvModel
from ml.clv.paretonbd import ParetoNbd
from ml.clv.uncertainty import Covariance, covariance_of

PUBLISHED = {
    "BG/NBD": BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, penalizer=0.0),
    "MBG/NBD": MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, penalizer=0.0),
    "Pareto/NBD": ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, penalizer=0.0),
}
PUBLISHED_SPEND = GammaGamma(p=6.25, q=3.74, v=15.44, penalizer=0.0)
WAITS = 80
EXACT_4 = ((0.0,) * 4,) * 4
EXACT_3 = ((0.0,) * 3,) * 3
CUTOFF, END = pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30")


def draw_purchases(params: PurchaseModel, age: np.ndarray, horizon: float, seed: int) -> pd.DataFrame:
    """Draw one history per age, purchase by purchase: frequency, recency, T and the purchases in the horizon."""
    rng = np.random.default_rng(seed)
    n = len(age)
    rate = rng.gamma(params.r, 1 / params.alpha, n)
    times = np.cumsum(rng.exponential(1, (n, WAITS)), axis=1) / np.maximum(rate, 1e-300)[:, None]
    happened = _still_there(params, rng, times)
    before = happened & (times <= age[:, None])
    after = happened & (times > age[:, None]) & (times <= age[:, None] + horizon)
    frequency = before.sum(axis=1)
    recency = np.where(before, times, 0).max(axis=1)
    return pd.DataFrame(
        {"frequency": frequency, "recency": recency, "T": age, "holdout_purchases": after.sum(axis=1)}
    )


def _still_there(params: PurchaseModel, rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Whether the customer has not left before each of their purchases."""
    n = len(times)
    if isinstance(params, ParetoNbd):
        leaves_at = rng.exponential(1, n) / np.maximum(rng.gamma(params.s, 1 / params.beta, n), 1e-300)
        return times <= leaves_at[:, None]
    assert isinstance(params, BgNbd | MbgNbd)
    chance = np.clip(rng.beta(params.a, params.b, n), 1e-12, 1)
    last = np.minimum(rng.geometric(chance), WAITS) - (1 if isinstance(params, MbgNbd) else 0)
    return np.arange(WAITS)[None, :] < last[:, None]


def textbook_covariance(model: PurchaseModel, history: History, robust: bool = True) -> Covariance:
    """`uncertainty.covariance_of` of a model and the histories that it was fitted on, times in days."""
    scaled, rows = model.in_units(history.unit), history.in_units(history.unit)
    _, scores = scaled.log_likelihood_and_scores(*rows.rows)
    loss = penalized_loss(type(model), rows, model.penalizer)
    return covariance_of(loss, scaled.vector, scores, history.customers, robust)


def add_spend(history: pd.DataFrame, spend: GammaGamma, seed: int) -> pd.DataFrame:
    """Add the mean value of the repeat purchases and the total value of the holdout, drawn from Gamma-Gamma."""
    rng = np.random.default_rng(seed)
    scale = rng.gamma(spend.q, 1 / spend.v, len(history))
    repeats, later = history["frequency"].to_numpy(), history["holdout_purchases"].to_numpy()
    mean = rng.gamma(np.maximum(spend.p * repeats, 1e-9)) / scale / np.maximum(repeats, 1)
    return history.assign(
        monetary_value=np.where(repeats > 0, mean, 0.0),
        holdout_value_brl=np.where(later > 0, rng.gamma(np.maximum(spend.p * later, 1e-9)) / scale, 0.0),
    )


def count_distinct(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct rows with their count as `customers`; values of the holdout are summed up."""
    total = "holdout_value_brl"
    keys = [name for name in rows.columns if name != total]
    counted = rows.groupby(keys).size().rename("customers").reset_index()
    if total not in rows:
        return counted
    return counted.assign(**{total: rows.groupby(keys)[total].sum().to_numpy()})


def as_training(customers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return customers with a holdout as the frames that training takes; all customers are of the cutoff."""
    repeat = customers["frequency"] > 0
    return {
        "calibration": count_distinct(customers),
        "full": count_distinct(customers[["frequency", "recency", "T"]]),
        "spend": customers.loc[repeat, ["frequency", "monetary_value"]],
    }


def exact_model(purchases: PurchaseModel, spend: GammaGamma = PUBLISHED_SPEND) -> CltvModel:
    """A model whose parameters are known exactly."""
    return CltvModel(purchases, EXACT_4, spend, EXACT_3, 180, 365, 0.10, (30, 90, 180, 365), 50, 7)


@pytest.fixture(scope="session")
def textbook() -> Callable[..., Covariance]:
    """The textbook covariance of a model's log-parameters: the sandwich, or the inverse information."""
    return textbook_covariance


@pytest.fixture(scope="session")
def draw() -> Callable[..., pd.DataFrame]:
    return draw_purchases


@pytest.fixture(scope="session")
def with_spend() -> Callable[..., pd.DataFrame]:
    return add_spend


@pytest.fixture(scope="session")
def distinct() -> Callable[[pd.DataFrame], pd.DataFrame]:
    return count_distinct


@pytest.fixture(scope="session")
def training_frames() -> Callable[[pd.DataFrame], dict[str, pd.DataFrame]]:
    return as_training


@pytest.fixture(scope="session")
def exact() -> Callable[..., CltvModel]:
    return exact_model


@pytest.fixture(params=list(FAMILIES))
def published(request: pytest.FixtureRequest) -> PurchaseModel:
    """The parameters published for CDNOW, in weeks, of each family in turn."""
    return PUBLISHED[request.param]


@pytest.fixture
def model() -> CltvModel:
    return exact_model(PUBLISHED["BG/NBD"])


@pytest.fixture
def uncertain(model: CltvModel) -> CltvModel:
    """The same with parameters known to a tenth or two."""
    around = tuple(tuple(0.02 if i == j else 0.005 for j in range(4)) for i in range(4))
    spent = tuple(tuple(0.01 if i == j else 0.0 for j in range(3)) for i in range(3))
    return CltvModel(model.purchases, around, model.gamma_gamma, spent, 180, 365, 0.10, (30, 180), 100, 7)


@pytest.fixture
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frequency = np.where(rng.random(500) < 0.8, 0, rng.integers(1, 8, 500))
    T = rng.integers(20, 600, 500)
    recency = np.where(frequency > 0, np.ceil(T * rng.uniform(0.1, 1, 500)), 0)
    value = np.where(frequency > 0, rng.gamma(3, 50, 500), np.nan)
    index = pd.Index([f"c{i}" for i in rng.permutation(500)], name="customer_unique_id")
    return pd.DataFrame(
        {"frequency": frequency, "recency": recency, "T": T, "monetary_value": value}, index=index
    )


def datasets() -> Path:
    """The folder of lifetimes' data; its own loaders need pkg_resources, which is no longer shipped."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets"


@pytest.fixture(scope="session")
def cdnow() -> pd.DataFrame:
    """The CDNOW sample on 1997-09-30, one row per customer, in weeks, with the 39 weeks that followed."""
    names = ["master", "customer", "day", "quantity", "value"]
    text = pd.read_csv(datasets() / "CDNOW_sample.txt", sep=r"\s+", names=names)
    text["day"] = pd.to_datetime(text["day"].astype(str))
    days = text.groupby(["customer", "day"], as_index=False)["value"].sum()
    before, after = days[days["day"] <= CUTOFF], days[(days["day"] > CUTOFF) & (days["day"] <= END)]
    grouped = before.groupby("customer")["day"]
    first = grouped.min()
    later = after.groupby("customer").agg(n=("day", "size"), value=("value", "sum")).reindex(first.index)
    return pd.DataFrame(
        {
            "frequency": grouped.size() - 1.0,
            "recency": (grouped.max() - first).dt.days / 7,
            "T": (CUTOFF - first).dt.days / 7,
            "holdout_purchases": later["n"].fillna(0.0),
            "holdout_value_brl": later["value"].fillna(0.0),
        }
    )


@pytest.fixture(scope="session")
def cdnow_spend() -> pd.DataFrame:
    """The 946 repeat customers of the CDNOW sample: frequency, monetary_value."""
    summary = pd.read_csv(datasets() / "cdnow_customers_summary_with_transactions.csv")
    named = summary.rename(columns={"x": "frequency", "zbar": "monetary_value"})
    return named.loc[named["frequency"] > 0, ["frequency", "monetary_value"]]


@pytest.fixture(scope="session")
def shop() -> dict[str, pd.DataFrame]:
    """A shop of known parameters as training sees it: calibration, full and spend."""
    rng = np.random.default_rng(5)
    params = BgNbd(r=0.4, alpha=90.0, a=0.8, b=2.5, penalizer=0.0)
    history = draw_purchases(params, rng.integers(30, 400, 4000).astype(float), 180, seed=11).round()
    history = history[~((history["frequency"] > 0) & (history["recency"] < 1))]
    return as_training(add_spend(history, GammaGamma(3.0, 4.0, 180.0, 0.0), seed=12))


@pytest.fixture
def config() -> ClvConfig:
    return ClvConfig()
