"""The contract of a published snapshot, and every way to break it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from dashboard import snapshot
from dashboard.snapshot import SnapshotError, verify


def _restamp(folder: Path, **changes: object) -> None:
    path = folder / snapshot.MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["database_sha256"] = snapshot.file_sha256(folder / snapshot.DATABASE)
    path.write_text(json.dumps(manifest | changes), encoding="utf-8")


def test_a_snapshot_that_keeps_the_contract_passes(publish, rows) -> None:
    assert verify(publish(rows)).snapshot_month == "2018-08"


def test_a_changed_database_is_refused(publish, rows) -> None:
    folder = publish(rows)
    with duckdb.connect(str(folder / snapshot.DATABASE)) as connection:
        connection.execute("DELETE FROM segment_summary")
    with pytest.raises(SnapshotError, match="checksum"):
        verify(folder)


def test_a_missing_column_is_refused(publish, rows) -> None:
    folder = publish(rows)
    with duckdb.connect(str(folder / snapshot.DATABASE)) as connection:
        connection.execute("ALTER TABLE alerts DROP COLUMN severity")
    _restamp(folder)
    with pytest.raises(SnapshotError, match="table alerts has columns"):
        verify(folder)


def test_another_number_of_rows_is_refused(publish, rows) -> None:
    folder = publish(rows)
    with duckdb.connect(str(folder / snapshot.DATABASE)) as connection:
        connection.execute("INSERT INTO alerts (alert_id) VALUES ('a')")
    _restamp(folder)
    with pytest.raises(SnapshotError, match="table alerts has 1 rows, the manifest says 0"):
        verify(folder)


def test_another_schema_version_is_refused_with_what_to_do(publish, rows) -> None:
    folder = publish(rows)
    _restamp(folder, schema_version=99)
    with pytest.raises(SnapshotError, match=r"schema version 99.*run the pipeline again"):
        verify(folder)


@pytest.mark.parametrize("text", ["", "{}", "not json"])
def test_a_manifest_that_does_not_read_is_refused(publish, rows, text: str) -> None:
    folder = publish(rows)
    (folder / snapshot.MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(SnapshotError, match="does not read as a manifest"):
        verify(folder)


def test_a_missing_manifest_is_refused(publish, rows) -> None:
    folder = publish(rows)
    (folder / snapshot.MANIFEST).unlink()
    with pytest.raises(SnapshotError, match="incomplete"):
        verify(folder)


def test_a_digest_depends_on_the_rows_and_not_on_their_order() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE one AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (x, y)")
        connection.execute("CREATE TABLE turned AS SELECT * FROM one ORDER BY x DESC")
        connection.execute("CREATE TABLE other AS SELECT x, upper(y) AS y FROM one")
        digests = [snapshot.content_digest(connection, table) for table in ("one", "turned", "other")]
    assert digests[0] == digests[1] != digests[2]
