"""Simulated shops that tests read: one with covariates, two that are exactly BG/NBD and gamma-gamma."""

import dataclasses
import functools
import pathlib

import pandas as pd
import pyarrow.csv as pa_csv
import pytest

from ml.simulate import SimulationConfig, SimulationResult, simulate

SHOP = SimulationConfig(customers=12_000, seed=7)
EXACT = SimulationConfig(
    customers=40_000, seed=11, covariate_strength=0, r=0.6, alpha=150.0, a=0.8, b=2.4, growth_per_year=0.2
)


@dataclasses.dataclass(frozen=True, eq=False)
class Shop:
    """A written shop, its settings, and what the simulator said about it."""

    config: SimulationConfig
    result: SimulationResult

    def path(self, table: str) -> pathlib.Path:
        return self.result.out / f"{table}.csv"

    @functools.cache  # noqa: B019 - the shops live as long as the session
    def read(self, table: str) -> pd.DataFrame:
        """Read a table; zip prefixes stay strings."""
        zips = ("customer_zip_code_prefix", "seller_zip_code_prefix", "geolocation_zip_code_prefix")
        convert = pa_csv.ConvertOptions(
            column_types=dict.fromkeys(zips, "string"),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        parse = pa_csv.ParseOptions(newlines_in_values=True)
        return pa_csv.read_csv(self.path(table), parse_options=parse, convert_options=convert).to_pandas()

    def purchases(self) -> pd.DataFrame:
        """Orders that count, with the buyer and the value in BRL."""
        orders = self.read("olist_orders_dataset")
        counts = orders[~orders["order_status"].isin(["canceled", "unavailable"])]
        items = self.read("olist_order_items_dataset").groupby("order_id")[["price", "freight_value"]].sum()
        value = items.sum(axis=1).round(2).rename("value_brl")
        return counts.merge(self.read("olist_customers_dataset"), on="customer_id").merge(
            value, on="order_id"
        )

    def occasions(self) -> pd.DataFrame:
        """One row per person and day with a purchase, as lifetimes counts."""
        bought = self.purchases()
        bought["day"] = bought["order_purchase_timestamp"].dt.normalize()
        return bought.groupby(["customer_unique_id", "day"], as_index=False)["value_brl"].sum()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(SHOP, simulate(SHOP, tmp_path_factory.mktemp("shop")))


@pytest.fixture(scope="session", params=[5_000, 40_000])
def exact_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    config = dataclasses.replace(EXACT, customers=request.param)
    return Shop(config, simulate(config, tmp_path_factory.mktemp("exact_shop")))
