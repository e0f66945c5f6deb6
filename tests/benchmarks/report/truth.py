"""The truth behind a simulated shop: its settings, and each customer's rate, drop-out probability and state.

Stays out: comparing models with it (`value_truth`, `churn_truth`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pandas as pd

from ml.clv.bgnbd import BgNbd
from ml.clv.gammagamma import GammaGamma
from ml.clv.model import CltvModel
from ml.simulate import SimulationConfig, simulate


def simulated_shop(folder: Path, customers: int, seed: int, covariate_strength: float) -> Path:
    """Write a shop, unless the folder holds a finished one, and return its folder."""
    if not (folder / "truth.json").exists():
        config = SimulationConfig(customers=customers, seed=seed, covariate_strength=covariate_strength)
        simulate(config, folder, "parquet")
    return folder


def settings_of(shop: Path) -> SimulationConfig:
    """The settings that a shop was simulated with."""
    kept = json.loads((shop / "truth.json").read_text(encoding="utf-8"))["parameters"]
    names = {field.name for field in dataclasses.fields(SimulationConfig)}
    days = {name: dt.date.fromisoformat(kept[name]) for name in ("start", "end")}
    return SimulationConfig(**{**{name: kept[name] for name in names}, **days})


def customers_of(shop: Path) -> pd.DataFrame:
    """What is true of each customer, by customer_unique_id."""
    return pd.read_parquet(shop / "truth_customers.parquet").set_index("customer_unique_id")


def true_purchases(config: SimulationConfig) -> BgNbd:
    """BG/NBD with the population's true parameters."""
    return BgNbd(r=config.r, alpha=config.alpha, a=config.a, b=config.b, penalizer=0.0)


def true_spend(config: SimulationConfig) -> GammaGamma:
    """Gamma-Gamma with the population's true parameters."""
    return GammaGamma(p=config.p, q=config.q, v=config.gamma, penalizer=0.0)


def with_truth(fitted: CltvModel, config: SimulationConfig) -> CltvModel:
    """A fitted model with the true parameters in place of its own, known exactly."""
    purchases = true_purchases(config)
    return dataclasses.replace(
        fitted,
        purchases=purchases,
        purchases_covariance=_nothing(len(purchases.parameters)),
        gamma_gamma=true_spend(config),
        gamma_gamma_covariance=_nothing(3),
        interval_draws=1,
    )


def _nothing(size: int) -> tuple[tuple[float, ...], ...]:
    return tuple((0.0,) * size for _ in range(size))
