"""Publishing: all or nothing, the same content once, old snapshots pruned, damage noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from assets.resources.publisher import publish
from dashboard.snapshot import (
    BLOCK_SIZE,
    DATABASE,
    MANIFEST,
    POINTER,
    TABLES,
    Manifest,
    SnapshotError,
    current_snapshot_id,
    verify,
)

DESCRIPTION = {
    "snapshot_month": "2018-08",
    "as_of_date": "2018-09-01",
    "model_versions": {},
    "mlflow_run_ids": {},
    "dagster_run_id": "run",
    "code_version": "1",
    "data_fingerprint": "f",
    "source": "here",
    "is_simulated": True,
    "demographics": "none",
    "horizon_days": 180,
    "cltv_horizon_days": 365,
    "annual_discount_rate": 0.1,
    "risk_rule": None,
}


def content(customers: int) -> dict[str, str]:
    """Queries of every table: so many customers, one month, nothing else."""
    nulls = {
        table: f"SELECT {', '.join(f'NULL::{type_} AS {name}' for name, type_ in columns.items())}"
        for table, columns in TABLES.items()
    }
    queries = {table: f"{sql} WHERE false" for table, sql in nulls.items()}
    queries["customers"] = (
        f"SELECT 'c' || i AS customer_unique_id, i::DOUBLE AS cltv FROM range({customers}) AS r (i)"
    )
    queries["cltv_trend"] = "SELECT $snapshot_month AS snapshot_month"
    return queries


Publisher = Callable[..., Manifest]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


@pytest.fixture
def put_out(published: Path) -> Publisher:
    """Publish so many customers: `put_out(3, keep=2)`."""

    def run(customers: int, keep: int = 10) -> Manifest:
        with duckdb.connect() as connection:
            parameters = {"snapshot_month": "2018-08"}
            return publish(
                connection, published, content(customers), {}, parameters, lambda: DESCRIPTION, keep
            )

    return run


def test_the_first_publication_makes_folder_manifest_and_pointer(put_out, published) -> None:
    manifest = put_out(3)

    assert manifest.snapshot_id == current_snapshot_id(published)
    assert manifest.snapshot_id.startswith("2018-08-")
    assert (manifest.row_counts["customers"], manifest.months) == (3, ["2018-08"])
    assert verify(published / manifest.snapshot_id) == manifest
    assert {path.name for path in published.iterdir()} == {manifest.snapshot_id, POINTER}


def test_the_database_has_its_indexes(put_out, published) -> None:
    manifest = put_out(3)
    with duckdb.connect(str(published / manifest.snapshot_id / DATABASE), read_only=True) as snapshot:
        sql = "SELECT table_name, regexp_extract(expressions, '\\w+') FROM duckdb_indexes() ORDER BY ALL"
        indexed = snapshot.execute(sql).fetchall()

    assert indexed == [
        ("customer_history", "customer_unique_id"),
        ("customer_list", "position"),
        ("customers", "customer_unique_id"),
        ("customers", "position"),
        ("purchases", "customer_unique_id"),
    ]


def test_the_database_is_of_small_blocks(put_out, published) -> None:
    manifest = put_out(3)
    path = published / manifest.snapshot_id / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        (size,) = connection.execute("SELECT block_size FROM pragma_database_size()").fetchone()
    assert size == BLOCK_SIZE


def test_equal_content_again_changes_no_byte(put_out, published) -> None:
    first = put_out(3)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in published.glob("*/*")}

    assert put_out(3) == first
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in published.glob("*/*")} == before


def test_other_content_gets_a_folder_of_its_own_and_the_pointer(put_out, published) -> None:
    first, second = put_out(3), put_out(4)

    assert first.snapshot_id != second.snapshot_id
    assert current_snapshot_id(published) == second.snapshot_id
    verify(published / first.snapshot_id)


def test_going_back_to_earlier_content_moves_the_pointer_back(put_out, published) -> None:
    first, _ = put_out(3), put_out(4)

    assert put_out(3) == first
    assert current_snapshot_id(published) == first.snapshot_id


def test_pruning_keeps_the_newest_so_many(put_out, published) -> None:
    manifests = [put_out(customers, keep=3) for customers in range(1, 6)]

    assert {path.name for path in published.iterdir() if path.is_dir()} == {
        manifest.snapshot_id for manifest in manifests[-3:]
    }


def test_pruning_never_takes_the_snapshot_that_is_served(put_out, published) -> None:
    first = put_out(1)
    for customers in (2, 3, 4):
        put_out(customers)
    put_out(1, keep=2)

    assert current_snapshot_id(published) == first.snapshot_id
    verify(published / first.snapshot_id)
    assert len([path for path in published.iterdir() if path.is_dir()]) == 3


def test_what_a_killed_publication_left_is_cleared(put_out, published) -> None:
    left = published / ".partial-4711"
    left.mkdir(parents=True)
    (left / DATABASE).write_bytes(b"half")
    (published / f".partial-{POINTER}").write_text("{")

    manifest = put_out(3)

    assert {path.name for path in published.iterdir()} == {manifest.snapshot_id, POINTER}


def test_a_query_that_fails_leaves_the_last_good_snapshot_alone(put_out, published) -> None:
    good = put_out(3)
    broken = content(4) | {"alerts": "SELECT 1 AS no_such_column"}
    with duckdb.connect() as connection, pytest.raises(duckdb.Error):
        publish(connection, published, broken, {}, {"snapshot_month": "2018-08"}, lambda: DESCRIPTION, 10)

    assert current_snapshot_id(published) == good.snapshot_id
    verify(published / good.snapshot_id)
    put_out(5)


def flip_byte(folder: Path) -> None:
    path = folder / DATABASE
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def cut_short(folder: Path) -> None:
    path = folder / DATABASE
    path.write_bytes(path.read_bytes()[:-4096])


def delete_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def change_count(folder: Path) -> None:
    path = folder / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["row_counts"]["customers"] += 1
    path.write_text(json.dumps(manifest))


def delete_database(folder: Path) -> None:
    (folder / DATABASE).unlink()


DAMAGE = [flip_byte, cut_short, delete_manifest, delete_database, change_count]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_snapshot_is_noticed(damage, put_out, published) -> None:
    folder = published / put_out(3).snapshot_id
    damage(folder)

    with pytest.raises(SnapshotError, match=str(folder)):
        verify(folder)


@pytest.mark.parametrize("damage", DAMAGE)
def test_publishing_again_mends_a_damaged_snapshot(damage, put_out, published) -> None:
    snapshot_id = put_out(3).snapshot_id
    damage(published / snapshot_id)

    assert put_out(3).snapshot_id == snapshot_id
    verify(published / snapshot_id)


KILLED = """
import os, pathlib, shutil, signal, sys
import duckdb
from assets.resources import publisher

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

where, published = sys.argv[1], pathlib.Path(sys.argv[2])
publisher.{moment} = die
queries, description = {queries!r}, {description!r}
with duckdb.connect() as connection:
    publisher.publish(connection, published, queries, {{}}, {{"snapshot_month": "2018-08"}}, lambda: description, 2)
"""


@pytest.mark.parametrize(
    "moment",
    ["content_digest", "file_sha256", "_write_durably", "verify", "_point_to", "_prune", "shutil.rmtree"],
)
def test_killed_at_any_moment_a_good_snapshot_is_served_and_the_next_publication_goes_through(
    moment, put_out, published
) -> None:
    put_out(1)
    good = put_out(2).snapshot_id
    script = KILLED.format(moment=moment, queries=content(3), description=DESCRIPTION)
    killed = subprocess.run([sys.executable, "-c", script, moment, str(published)], check=False, timeout=60)
    assert killed.returncode == -9

    served = str(current_snapshot_id(published))
    verify(published / served)
    assert served == good or moment in ("_prune", "shutil.rmtree")

    manifest = put_out(3, keep=2)

    assert current_snapshot_id(published) == manifest.snapshot_id
    assert {path.name for path in published.iterdir()} == {good, manifest.snapshot_id, POINTER}


def test_tables_are_written_while_memory_is_spared(published) -> None:
    threshold = "current_setting('allocator_bulk_deallocation_flush_threshold')"
    queries = content(1) | {"customers": f"SELECT {threshold} AS city"}
    with duckdb.connect() as connection:
        (usual,) = connection.execute(f"SELECT {threshold}").fetchone() or ("",)
        parameters = {"snapshot_month": "2018-08"}
        manifest = publish(connection, published, queries, {}, parameters, lambda: DESCRIPTION, 10)
    with duckdb.connect(str(published / manifest.snapshot_id / DATABASE), read_only=True) as snapshot:
        (found,) = snapshot.execute("SELECT city FROM customers").fetchone() or ("",)

    assert found == "976.5 KiB" != usual
