"""Panels of three cutoffs in which review score and recency, or recency alone, drive the return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from ml.churn.config import ChurnConfig
from ml.churn.purchase_models import PurchaseModels
from ml.churn.recipe import MODEL_CLASSES, default_recipe
from ml.churn.training import ChurnTraining, train, train_recipe
from ml.clv.bgnbd import BgNbd

VALIDATION = dt.date(2018, 3, 5)
# Customers buy often and are told to return less than they do; the panel's returns follow another law.
JUDGED = BgNbd(r=0.2, alpha=60.0, a=0.5, b=1.5, penalizer=0.0)
SERVED = BgNbd(r=0.25, alpha=60.0, a=0.5, b=1.5, penalizer=0.0)
CUTOFFS = (dt.date(2017, 6, 8), dt.date(2017, 9, 6), VALIDATION)


def draw_customers(size: int, seed: int) -> pd.DataFrame:
    """Draw customers with all features; nobody is an actual person."""
    rng = np.random.default_rng(seed)
    recency = rng.integers(0, 500, size)
    orders = 1 + rng.poisson(0.1, size)
    value = rng.gamma(2, 80, size)
    review = np.where(rng.random(size) < 0.1, np.nan, rng.integers(1, 6, size))
    delivery = np.where(rng.random(size) < 0.1, np.nan, np.round(rng.gamma(4, 3, size)))
    return pd.DataFrame(
        {
            "recency_days": recency,
            "age_days": recency + (orders - 1) * rng.integers(1, 100, size),
            "order_count": orders,
            "purchase_days": orders,
            "value_brl": value * orders,
            "mean_purchase_value_brl": value,
            "items_per_order": 1 + rng.poisson(0.2, size),
            "first_basket_items": 1 + rng.poisson(0.2, size),
            "first_basket_value_brl": value,
            "payment_type": rng.choice(["credit_card", "boleto"], size),
            "installments": 1 + rng.poisson(1.5, size),
            "freight_share": rng.beta(2, 8, size),
            "delivery_days": delivery,
            "delivery_delay_days": delivery - 20,
            "review_score": review,
            "category": rng.choice(["toys", "garden", "books", "unknown"], size),
            "state": rng.choice(["SP", "RJ", "MG"], size),
            "distance_km": np.where(rng.random(size) < 0.1, np.nan, rng.gamma(2, 300, size)),
            "last_purchase_month": rng.integers(1, 13, size),
            "last_purchase_weekday": rng.integers(1, 8, size),
        }
    )


def draw_panel(size: int = 3000, seed: int = 1, review_effect: float = 0.9) -> pd.DataFrame:
    """Draw the panel; ids are shared among cutoffs, as a customer stays in the base."""
    parts = []
    for position, cutoff in enumerate(CUTOFFS):
        rows = draw_customers(size, seed * 100 + position)
        log_odds = (
            1.5 - 0.7 * np.log1p(rows["recency_days"]) + review_effect * (rows["review_score"].fillna(3) - 3)
        )
        returns = np.random.default_rng(seed * 100 + 50 + position).random(size) < expit(log_odds)
        rows.insert(0, "cutoff_date", cutoff)
        rows.insert(1, "customer_unique_id", [f"customer-{i:06d}" for i in range(size)])
        parts.append(rows.assign(is_churned=~returns))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def panel() -> pd.DataFrame:
    return draw_panel()


@pytest.fixture
def customers() -> pd.DataFrame:
    return draw_customers(800, seed=9).set_index(pd.Index(range(5000, 5800), name="key"))


@pytest.fixture
def validation_cutoff() -> dt.date:
    return VALIDATION


@pytest.fixture
def config() -> ChurnConfig:
    return ChurnConfig(iterations=80, bootstrap_replicates=60)


@pytest.fixture(scope="session")
def training() -> ChurnTraining:
    return train(draw_panel(), VALIDATION, ChurnConfig(iterations=80, bootstrap_replicates=60))


@pytest.fixture(scope="session")
def recency_panel() -> pd.DataFrame:
    return draw_panel(review_effect=0.0)


@pytest.fixture(scope="session")
def trainings() -> Mapping[str, ChurnTraining]:
    """A training of one recipe for each class, on the panel of `training`."""
    panel, config = draw_panel(), ChurnConfig(iterations=80, bootstrap_replicates=60)
    models = PurchaseModels(JUDGED, JUDGED)
    return {
        name: train_recipe(panel, VALIDATION, config, default_recipe(name, config), models)
        for name in MODEL_CLASSES
    }


@pytest.fixture
def purchase_models() -> PurchaseModels:
    return PurchaseModels(judged=JUDGED, served=SERVED)
