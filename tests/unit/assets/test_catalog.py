"""The catalog is what lies in the folders: contracts with their queries, and no circle among them."""

from __future__ import annotations

import graphlib
from pathlib import Path

import pytest

import assets
from assets.catalog import catalog, raw_contracts, table_sql
from assets.resources.warehouse import LAYERS

ROOT = Path(assets.__file__).parent
NOT_TABLES = {("publish", "differences"), ("publish", "warnings")}


def test_every_contract_and_every_query_is_a_table() -> None:
    files = {
        (path.parent.name, path.stem) for pattern in ("*/*.yml", "*/*.sql") for path in ROOT.glob(pattern)
    }
    assert {tuple(key.split(".")) for key in catalog()} == files - NOT_TABLES


def test_tables_stand_layer_by_layer() -> None:
    layers = [table.contract.layer for table in catalog().values()]
    assert layers == sorted(layers, key=LAYERS.index)


def test_a_table_is_made_by_sql_or_by_python() -> None:
    for table in catalog().values():
        if table.contract.layer == "raw":
            assert (table.sql, table.module_name) == (None, None)
        elif table.sql is not None:
            assert dict(table.queries) == {"table": table.sql}
            assert table.sql == table_sql(table.key)
        else:
            assert callable(table.module.build)
            assert table.queries


def test_a_table_made_by_sql_has_no_module() -> None:
    with pytest.raises(LookupError, match=r"staging\.purchases is made by SQL"):
        _ = catalog()["staging.purchases"].module


def test_the_query_says_what_a_row_is() -> None:
    for table in catalog().values():
        if table.sql is not None:
            assert table.sql.startswith("-- One row per "), table.key


def test_tables_read_what_lies_below_them_and_never_in_a_circle() -> None:
    made = {key: table for key, table in catalog().items() if table.contract.layer != "raw"}
    graph = {key: {parent for parent in table.reads if parent in catalog()} for key, table in made.items()}
    list(graphlib.TopologicalSorter(graph).static_order())
    for key, parents in graph.items():
        layer = LAYERS.index(key.split(".")[0])
        assert all(LAYERS.index(parent.split(".")[0]) <= layer for parent in parents), key
        assert key not in parents


def test_every_raw_table_is_ingested() -> None:
    assert [contract.table for contract in raw_contracts()] == [
        key for key in catalog() if key.startswith("raw.")
    ]
