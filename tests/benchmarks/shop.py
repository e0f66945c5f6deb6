"""A simulated shop in a warehouse, for benchmarks that need many customers.

Stays out: measuring.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from assets.catalog import Table, catalog, raw_contracts
from assets.parameters import Parameters
from assets.raw.ingest import ingest
from assets.resources.source import open_source
from assets.resources.warehouse import prepare, replace_rows
from ml.simulate import SimulationConfig, simulate

MONTH = {"snapshot_month": "2018-08", "observation_end": date(2018, 8, 31), "as_of": "2018-09-01"}


@contextmanager
def staged_shop(customers: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with the staging tables of a shop of pure BG/NBD and Gamma-Gamma customers."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/warehouse.duckdb") as connection:
        source = Path(folder) / "shop"
        simulate(SimulationConfig(customers=customers, seed=3, covariate_strength=0), source, "parquet")
        prepare(connection)
        ingest(
            connection,
            raw_contracts(),
            open_source(str(source), Path(folder)),
            max_reject_share=0.01,
            simulate_ages=False,
            seed=1,
        )
        for found in _staging():
            replace_rows(connection, found.contract, str(found.sql), Parameters().values())
        yield connection


def _staging() -> Iterator[Table]:
    """The staging tables, each after those it reads."""
    tables = {key: table for key, table in catalog().items() if table.contract.layer == "staging"}
    order = TopologicalSorter({key: table.reads & tables.keys() for key, table in tables.items()})
    return (tables[key] for key in order.static_order())
