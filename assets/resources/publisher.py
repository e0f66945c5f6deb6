"""Write a snapshot into a new folder, verify it, and move the pointer to it by atomic rename.

Stays out: what a snapshot holds (`dashboard.snapshot` says what, `assets.publish` from where).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from assets.resources.warehouse import bind, sparing_memory
from dashboard.snapshot import (
    BLOCK_SIZE,
    DATABASE,
    INDEXES,
    MANIFEST,
    POINTER,
    SCHEMA_VERSION,
    TABLES,
    Manifest,
    SnapshotError,
    content_digest,
    current_snapshot_id,
    file_sha256,
    published_manifests,
    verify,
)

_PARTIAL = ".partial"


def publish(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    queries: Mapping[str, str],
    frames: Mapping[str, pd.DataFrame],
    parameters: Mapping[str, Any],
    describe: Callable[[], Mapping[str, Any]],
    keep: int,
) -> Manifest:
    """Publish the tables that queries and frames give, unless equal content is published and undamaged.

    Args:
        connection: to the warehouse.
        published: the folder of all snapshots.
        queries: the SQL of each table; `parameters` are bound by name.
        frames: tables given as frames.
        parameters: what the queries bind.
        describe: the fields of the manifest that do not follow from the tables.
        keep: how many snapshots stay; older ones go, the current one never.
    """
    partial = published / f"{_PARTIAL}-{os.getpid()}"
    _clear_partials(published)
    partial.mkdir(parents=True)
    with sparing_memory(connection):
        digests, counts, months = _write_tables(connection, partial / DATABASE, queries, frames, parameters)
    content = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
    snapshot_id = f"{parameters['snapshot_month']}-{content[:12]}"
    folder = published / snapshot_id
    if not _is_intact(folder):
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            snapshot_id=snapshot_id,
            published_at=datetime.now(UTC),
            months=months,
            row_counts=counts,
            content_digests=digests,
            database_sha256=file_sha256(partial / DATABASE),
            **describe(),
        )
        _write_durably(partial / MANIFEST, manifest.model_dump_json(indent=2))
        _remove(folder)
        partial.rename(folder)
    else:
        shutil.rmtree(partial)
    manifest = verify(folder)
    _point_to(published, snapshot_id)
    _prune(published, keep)
    return manifest


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    queries: Mapping[str, str],
    frames: Mapping[str, pd.DataFrame],
    parameters: Mapping[str, Any],
) -> tuple[dict[str, str], dict[str, int], list[str]]:
    connection.execute(f"ATTACH '{path}' AS snapshot (BLOCK_SIZE {BLOCK_SIZE})")
    try:
        for table, columns in TABLES.items():
            types = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
            connection.execute(f"CREATE TABLE snapshot.{table} ({types})")
            if table in frames:
                connection.register("frame", frames[table])
            sql = "SELECT * FROM frame" if table in frames else queries[table]
            connection.execute(f"INSERT INTO snapshot.{table} BY NAME {_select(sql)}", bind(sql, parameters))
        for table, column in INDEXES:
            connection.execute(f"CREATE INDEX {table}_{column} ON snapshot.{table} ({column})")
        digests = {table: content_digest(connection, f"snapshot.{table}") for table in TABLES}
        counts = {table: _count(connection, table) for table in TABLES}
        months = connection.execute("SELECT snapshot_month FROM snapshot.cltv_trend ORDER BY 1").fetchall()
    finally:
        connection.execute("DETACH snapshot")
    return digests, counts, [month for (month,) in months]


def _select(sql: str) -> str:
    return f"SELECT * FROM ({sql})"


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM snapshot.{table}").fetchone() or (0,)
    return int(count)


def _is_intact(folder: Path) -> bool:
    try:
        verify(folder)
    except SnapshotError:
        return False
    return True


def _remove(folder: Path) -> None:
    """Remove a snapshot if it is there; what a kill leaves of it is cleared by the next publication."""
    if folder.exists():
        aside = folder.with_name(f"{_PARTIAL}-{folder.name}")
        folder.rename(aside)
        shutil.rmtree(aside)


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _point_to(published: Path, snapshot_id: str) -> None:
    partial = published / f"{_PARTIAL}-{POINTER}"
    _write_durably(partial, json.dumps({"snapshot_id": snapshot_id}))
    partial.replace(published / POINTER)


def _clear_partials(published: Path) -> None:
    """Remove what a killed publication left; only one process publishes at a time, since the warehouse is locked."""
    for path in published.glob(f"{_PARTIAL}-*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _prune(published: Path, keep: int) -> None:
    current = current_snapshot_id(published)
    for manifest in published_manifests(published)[keep:]:
        if manifest.snapshot_id != current:
            _remove(published / manifest.snapshot_id)
