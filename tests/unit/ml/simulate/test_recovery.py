"""The parameters that a shop was simulated with can be found again in its files."""

import datetime

import lifetimes
import numpy as np
import pandas as pd
import pytest

SPREAD = {"r": 3.2, "alpha": 4.2, "a": 14.0, "b": 16.5, "a / (a + b)": 4.0, "p": 6.5, "q": 4.2, "v": 10.0}
"""Standard error of each estimate relative to its value, times the square root of the customers."""

DAY_ROUNDING = {"r": 0.015, "alpha": 0.03, "a": 0.0, "b": 0.0, "a / (a + b)": 0.01}
"""How far counting whole days, and same-day orders once, may move an estimate, however large the shop."""


def repeat_summary(occasions: pd.DataFrame, end: datetime.date) -> pd.DataFrame:
    """Frequency, recency and T in days, and the mean value of repeat purchases, as lifetimes defines them."""
    by_person = occasions.sort_values("day").groupby("customer_unique_id")
    first, last = by_person["day"].min(), by_person["day"].max()
    frequency = by_person["day"].size() - 1
    repeat_value = by_person["value_brl"].sum() - by_person["value_brl"].first()
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": (last - first).dt.days,
            "T": (pd.Timestamp(end) - first).dt.days,
            "monetary_value": repeat_value / frequency.where(frequency > 0),
        }
    )


def exact_summary(purchases: pd.DataFrame, end: datetime.date) -> pd.DataFrame:
    """Frequency, recency and T to the second, in days; every order counts."""
    by_person = purchases.groupby("customer_unique_id")["order_purchase_timestamp"]
    first, day = by_person.min(), pd.Timedelta(days=1)
    return pd.DataFrame(
        {
            "frequency": by_person.size() - 1,
            "recency": (by_person.max() - first) / day,
            "T": (pd.Timestamp(end) + day - first) / day,
        }
    )


def assert_found(name: str, found: float, true: float, customers: int, rounding: float = 0.0) -> None:
    tolerance = 3.0 * SPREAD[name] / np.sqrt(customers) + rounding
    assert found == pytest.approx(true, rel=tolerance), f"{name}: {found:.4f}, true {true}"


def assert_bg_nbd_found(found: pd.Series, shop, rounding: dict[str, float]) -> None:
    config = shop.config
    for name in ("r", "alpha", "a", "b"):
        assert_found(name, found[name], getattr(config, name), config.customers, rounding.get(name, 0.0))
    mean = found["a"] / (found["a"] + found["b"])
    true_mean = config.a / (config.a + config.b)
    assert_found("a / (a + b)", mean, true_mean, config.customers, rounding.get("a / (a + b)", 0.0))


def test_bg_nbd_parameters_are_recovered_from_the_instants_ever_closer_with_more_customers(exact_shop):
    summary = exact_summary(exact_shop.purchases(), exact_shop.config.end)
    fitted = lifetimes.BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])
    assert_bg_nbd_found(fitted.params_, exact_shop, rounding={})


def test_bg_nbd_parameters_are_recovered_from_weighted_day_rows_ever_closer_with_more_customers(exact_shop):
    summary = repeat_summary(exact_shop.occasions(), exact_shop.config.end)
    rows = summary.groupby(["frequency", "recency", "T"]).size().rename("weight").reset_index()
    assert len(rows) < len(summary)
    fitted = lifetimes.BetaGeoFitter().fit(
        rows["frequency"], rows["recency"], rows["T"], weights=rows["weight"]
    )
    assert_bg_nbd_found(fitted.params_, exact_shop, DAY_ROUNDING)


def test_gamma_gamma_parameters_are_recovered_from_the_files_ever_closer_with_more_customers(exact_shop):
    summary = repeat_summary(exact_shop.occasions(), exact_shop.config.end)
    repeat = summary[summary["frequency"] > 0]
    fitted = lifetimes.GammaGammaFitter().fit(repeat["frequency"], repeat["monetary_value"])
    for name, true in (("p", "p"), ("q", "q"), ("v", "gamma")):
        assert_found(
            name, fitted.params_[name], getattr(exact_shop.config, true), exact_shop.config.customers
        )


def test_spend_does_not_depend_on_the_number_of_purchases(exact_shop):
    summary = repeat_summary(exact_shop.occasions(), exact_shop.config.end)
    repeat = summary[summary["frequency"] > 0]
    correlation = np.corrcoef(repeat["frequency"], repeat["monetary_value"])[0, 1]
    assert abs(correlation) < 4 / np.sqrt(len(repeat))
