"""The definitions as a data engineer meets them: every asset described, every table checked, one writer at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from assets.catalog import catalog
from assets.factory import POOL, asset_key
from assets.resources.warehouse import Warehouse
from orchestration.build import build_definitions
from orchestration.checks import CHECK_NAME

ROOT = Path(__file__).parent.parent.parent.parent
TABLES = list(catalog())


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def node_of(graph, table: str):
    return graph.get(asset_key(table))


def test_the_workspace_file_loads_as_dagsters_own_tools_load_it(clean_environment) -> None:
    clean_environment.joinpath("dagster").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", str(ROOT / "workspace.yaml")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert "All code locations passed validation" in done.stdout + done.stderr


def test_there_is_one_asset_per_table_and_no_other(graph) -> None:
    assert {".".join(key.path) for key in graph.get_all_asset_keys()} == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_asset_has_description_grain_owner_group_kinds_tags_and_column_schema(table, graph) -> None:
    node, contract = node_of(graph, table), catalog()[table].contract
    schema = node.metadata["dagster/column_schema"]

    assert contract.description.strip() in node.description
    assert contract.grain in node.description
    assert node.group_name == contract.layer
    assert node.owners == [contract.owner]
    assert node.kinds == set(contract.kinds)
    assert node.tags["layer"] == contract.layer
    assert node.tags["grain"] == ("monthly" if contract.is_monthly else "whole")
    assert [(column.name, column.type) for column in schema.columns] == [
        (name, column.type) for name, column in contract.columns.items()
    ]
    assert all(column.description for column in schema.columns)
    assert [column.constraints.nullable for column in schema.columns] == [
        column.nullable for column in contract.columns.values()
    ]


@pytest.mark.parametrize("table", [name for name in TABLES if not name.startswith("raw.")])
def test_dependencies_are_the_tables_that_its_queries_read(table, graph) -> None:
    text = " ".join(catalog()[table].queries.values())
    named = {other for other in TABLES if f"{other} " in f"{text} ".replace(",", " ").replace("\n", " ")}

    assert {".".join(key.path) for key in node_of(graph, table).parent_keys} >= named - {table}
    assert {".".join(key.path) for key in node_of(graph, table).parent_keys} <= set(TABLES) - {table}


def test_dependencies_of_the_spine_are_as_designed(graph) -> None:
    parents = {name: {".".join(key.path) for key in node_of(graph, name).parent_keys} for name in TABLES}

    assert parents["raw.orders"] == set()
    assert parents["features.customer_rfm"] == {"staging.purchases"}
    assert parents["features.customer_behaviour"] == {"staging.purchases", "staging.reviews"}
    assert parents["scores.customer_cltv"] == {"features.customer_rfm", "models.cltv_model"}
    assert "features.churn_training" in parents["models.churn_model"]
    assert {"publish.alerts", "scores.customer_segments", "marts.segment_summary"} <= parents[
        "publish.dashboard_snapshot"
    ]


def test_the_snapshot_comes_after_every_other_table(graph) -> None:
    ancestors = graph.get_ancestor_asset_keys(asset_key("publish.dashboard_snapshot"))

    assert {".".join(key.path) for key in ancestors} | {"publish.dashboard_snapshot"} == set(TABLES)


def test_tables_made_by_sql_trace_their_columns(graph) -> None:
    def sources(table: str, column: str) -> set[tuple[str, str]]:
        lineage = node_of(graph, table).metadata["dagster/column_lineage"].deps_by_column
        return {(".".join(dep.asset_key.path), dep.column_name) for dep in lineage[column]}

    assert sources("marts.segment_summary", "value_brl") == {("features.customer_behaviour", "value_brl")}
    assert sources("staging.purchases", "value_brl") == {
        ("raw.order_items", "price"),
        ("raw.order_items", "freight_value"),
    }
    assert ("staging.purchases", "purchased_at") in sources("features.customer_rfm", "recency")
    for name, table in catalog().items():
        if table.sql is not None:
            assert "dagster/column_lineage" in node_of(graph, name).metadata, name


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_one_blocking_check_in_the_pool(table, definitions, graph) -> None:
    key = dg.AssetCheckKey(asset_key(table), CHECK_NAME)
    (check,) = [one for one in definitions.asset_checks if key in one.check_keys]
    spec = check.get_spec_for_check_key(key)

    assert graph.get_check_keys_for_assets({asset_key(table)}) == {key}
    assert spec.blocking
    assert catalog()[table].contract.grain in spec.description
    assert check.op.pool == POOL


def test_every_asset_writes_through_the_same_pool(definitions) -> None:
    assert {asset.op.pool for asset in definitions.assets} == {POOL}


def test_monthly_tables_are_partitioned_by_month_and_backfilled_in_one_run(definitions, graph) -> None:
    policies = {
        ".".join(key.path): asset.backfill_policy for asset in definitions.assets for key in asset.keys
    }
    for name, table in catalog().items():
        node = node_of(graph, name)
        assert node.is_partitioned == table.contract.is_monthly, name
        if table.contract.is_monthly:
            keys = node.partitions_def.get_partition_keys()
            assert (keys[0], keys[-1], len(keys)) == ("2017-01", "2018-08", 20)
            assert policies[name] == dg.BackfillPolicy.single_run()


@pytest.mark.parametrize("job", ["nightly", "history"])
def test_both_jobs_run_every_asset_and_check_in_one_process(job, definitions) -> None:
    resolved = definitions.resolve_job_def(job)

    assert {".".join(key.path) for key in resolved.asset_layer.executable_asset_keys} == set(TABLES)
    assert len(resolved.asset_layer.asset_graph.asset_check_keys) == len(TABLES)
    assert resolved.executor_def.name == "in_process"
    assert resolved.partitions_def is not None
    assert len(resolved.description) > 30


def test_a_resource_can_be_swapped(settings, tmp_path) -> None:
    other = Warehouse(path=str(tmp_path / "other.duckdb"))
    built = build_definitions(settings(), resources={"warehouse": other}, column_lineage=False)

    assert built.resources["warehouse"] is other
    assert built.resources["parameters"].seed == 7
