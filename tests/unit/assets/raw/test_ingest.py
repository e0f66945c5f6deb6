"""Ingestion replaces all raw tables or none, records what it read, and says plainly why it stops."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from assets.catalog import catalog, raw_contracts
from assets.resources.source import SourceError
from assets.validation import check_table

if TYPE_CHECKING:
    from tests.unit.assets.raw.conftest import OlistFiles

ORDERS = "olist_orders_dataset"
ITEMS = "olist_order_items_dataset"
REVIEWS = "olist_order_reviews_dataset"
OPTIONAL = {
    "order_reviews": REVIEWS,
    "geolocation": "olist_geolocation_dataset",
    "category_translation": "product_category_name_translation",
    "customer_demographics": "customer_demographics",
}
REQUIRED = tuple(c.source.file for c in raw_contracts() if c.source is not None and c.source.required)
SOURCE_TABLES = tuple(c.table for c in raw_contracts() if c.source is not None)


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every raw table, in a fixed order."""
    return {c.table: connection.execute(f"FROM {c.table} ORDER BY ALL").fetchall() for c in raw_contracts()}


def source_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the raw tables that come from files, in the files' order."""
    return {table: connection.execute(f"FROM {table}").fetchall() for table in SOURCE_TABLES}


def types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {name: type_ for name, type_, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}


def failures(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, tuple[str, str]]:
    """Severity and observation of every expectation that does not hold."""
    results = check_table(connection, catalog()[table].contract, {})
    return {r.expectation: (r.severity, r.observed) for r in results if not r.passed}


def test_every_table_is_typed_as_its_contract_says(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    files.ingest(connection)
    for contract in raw_contracts():
        assert types(connection, contract.table) == {n: c.type for n, c in contract.columns.items()}
    assert connection.execute("SELECT sum(price) FROM raw.order_items").fetchone() == (pytest.approx(301),)


def test_each_load_records_file_size_checksum_and_rows(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    import hashlib

    files.lines[ITEMS].append("o3,0,p2,s2,2017-07-03 10:00:00,50.50,7.90")
    files.write()
    loads, _ = files.ingest(connection)
    path = files.folder / f"{ITEMS}.csv"
    items = loads["order_items"]
    assert (items.file_name, items.file_bytes) == (path.name, path.stat().st_size)
    assert items.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (items.rows_read, items.rows_rejected) == (5, 1)
    stored = connection.execute("FROM raw.loads WHERE table_name = 'order_items'").fetchall()
    assert stored == [("order_items", path.name, items.file_bytes, items.file_sha256, 5, 1, "", "[]")]


def test_a_clean_shop_passes_every_critical_check(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    files.ingest(connection)
    for contract in raw_contracts():
        critical = [
            name
            for name, (severity, _) in failures(connection, contract.table).items()
            if severity != "warning"
        ]
        assert critical == [], contract.table


@pytest.mark.parametrize("stem", REQUIRED)
def test_a_missing_required_file_stops_and_lists_what_is_there(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, stem: str
) -> None:
    (files.write() / f"{stem}.csv").unlink()
    with pytest.raises(SourceError, match=stem) as error:
        files.ingest(connection)
    assert str(files.folder) in str(error.value)
    other = next(name for name in REQUIRED if name != stem)
    assert f"{other}.csv" in str(error.value)


def test_a_missing_file_of_a_zip_names_the_zip(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, tmp_path: Path
) -> None:
    del files.lines[ORDERS]
    archive = files.zip(tmp_path / "shop.zip")
    with pytest.raises(SourceError, match=f"{ORDERS}.csv") as error:
        files.ingest(connection, archive)
    assert str(archive) in str(error.value)


@pytest.mark.parametrize("stem", REQUIRED)
def test_a_required_file_with_a_header_alone_stops(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, stem: str
) -> None:
    files.lines[stem] = files.lines[stem][:1]
    files.write()
    with pytest.raises(SourceError, match=rf"{stem}\.csv has a header and no rows"):
        files.ingest(connection)


@pytest.mark.parametrize(("table", "stem"), OPTIONAL.items())
def test_a_missing_optional_file_gives_an_empty_typed_table_and_a_warning(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, table: str, stem: str
) -> None:
    files.lines.pop(stem, None)
    files.write()
    loads, _ = files.ingest(connection)
    contract = catalog()[f"raw.{table}"].contract
    assert connection.execute(f"SELECT count(*) FROM raw.{table}").fetchone() == (0,)
    assert types(connection, contract.table) == {n: c.type for n, c in contract.columns.items()}
    assert loads[table].note == f"optional file {stem} is missing in olist"
    assert failures(connection, contract.table)["has_rows"][0] == "warning"


def test_an_optional_file_with_a_header_alone_is_an_empty_table(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[REVIEWS] = files.lines[REVIEWS][:1]
    files.write()
    loads, _ = files.ingest(connection)
    assert (loads["order_reviews"].rows_read, loads["order_reviews"].note) == (0, "")


def test_extra_columns_are_noted_and_ignored(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    header, *rows = files.lines[ORDERS]
    files.lines[ORDERS] = [f"sales_channel,{header},", *(f"web,{row},x" for row in rows)]
    files.write()
    files.ingest(connection)
    sql = "SELECT note, note_coded FROM raw.loads WHERE table_name = 'orders'"
    note, coded = connection.execute(sql).fetchone() or ()
    assert note == "extra columns ignored: sales_channel, unnamed_10"
    assert json.loads(coded) == [
        {"code": "columns_ignored", "values": {"columns": ["sales_channel", "unnamed_10"]}}
    ]
    assert list(types(connection, "raw.orders")) == list(catalog()["raw.orders"].contract.columns)
    assert connection.execute("SELECT min(order_id) FROM raw.orders").fetchone() == ("o1",)


def test_columns_may_stand_in_any_order(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.write()
    files.ingest(connection)
    expected = source_rows(connection)
    files.lines["olist_sellers_dataset"] = [
        ",".join(reversed(line.split(","))) for line in files.lines["olist_sellers_dataset"]
    ]
    files.write()
    files.ingest(connection)
    assert source_rows(connection) == expected


def test_too_many_rejects_stop_with_the_first_ten_and_keep_the_previous_load(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    files.ingest(connection)
    before = contents(connection)
    files.lines["olist_sellers_dataset"].append("s3,80010,curitiba,PR")
    files.lines[ITEMS] += [f"o3,{number},p2,s2,2017-07-03 10:00:00,minus,7.90" for number in range(2, 14)]
    files.write()
    with pytest.raises(SourceError, match="12 of 16 rows rejected") as error:
        files.ingest(connection, max_reject_share=0.01)
    message = str(error.value)
    assert message.count("is not a valid DECIMAL(12,2)") == 10
    assert f"{ITEMS}.csv, line 6: price = 'minus' is not a valid" in message
    assert "line 15:" in message
    assert "line 16:" not in message
    assert "CRM_MAX_REJECT_SHARE" in message
    assert contents(connection) == before


@pytest.mark.parametrize(("share", "stops"), [(0.2, False), (0.1999, True), (0.0, True)])
def test_rejects_up_to_the_allowed_share_go_on(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, share: float, stops: bool
) -> None:
    files.lines[ITEMS].append("o3,2,p2,s2,2017-07-03 10:00:00,-1.00,7.90")
    files.write()
    if stops:
        with pytest.raises(SourceError, match="1 of 5 rows rejected"):
            files.ingest(connection, max_reject_share=share)
    else:
        loads, _ = files.ingest(connection, max_reject_share=share)
        assert loads["order_items"].rows_rejected == 1


def test_a_failure_while_the_tables_are_replaced_leaves_all_of_them_as_they_were(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    files.ingest(connection)
    before = contents(connection)
    files.lines[ORDERS].append("o5,c4,created,2018-01-01 00:00:00,,,,2018-01-20 00:00:00")
    files.write()
    connection.execute("DROP TABLE raw.data_source")
    connection.execute("CREATE VIEW raw.data_source AS SELECT 1 AS origin")
    with pytest.raises(duckdb.Error):
        files.ingest(connection)
    connection.execute("DROP VIEW raw.data_source")
    kept = {
        t: connection.execute(f"FROM {t} ORDER BY ALL").fetchall() for t in before if t != "raw.data_source"
    }
    assert kept == {table: rows for table, rows in before.items() if table != "raw.data_source"}


def test_loading_again_replaces_and_leaves_nothing_temporary_behind(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    files.ingest(connection)
    before = contents(connection)
    files.ingest(connection)
    assert contents(connection) == before
    left = connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert [name for (name,) in left if name.startswith("incoming")] == []


def test_every_format_gives_equal_tables(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, tmp_path: Path
) -> None:
    files.write()
    files.ingest(connection)
    expected = source_rows(connection)
    origins = [files.zip(tmp_path / "flat.zip"), files.zip(tmp_path / "nested.zip", "archive/olist/")]
    for suffix in (".csv.gz", ".parquet"):
        other = type(files)(tmp_path / suffix.strip("."))
        origins.append(other.write(suffix))
    for origin in origins:
        files.ingest(connection, origin)
        assert source_rows(connection) == expected, origin


def test_formats_may_be_mixed_in_a_folder(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.write()
    files.ingest(connection)
    expected = source_rows(connection)
    for stem, suffix in ((ORDERS, ".parquet"), (ITEMS, ".csv.gz")):
        (files.folder / f"{stem}.csv").unlink()
        files.write_one(stem, suffix)
    files.ingest(connection)
    assert source_rows(connection) == expected


def test_two_files_for_one_table_stop(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.write()
    files.write_one(ORDERS, ".csv.gz")
    with pytest.raises(SourceError, match=rf"{ORDERS}.csv and {ORDERS}.csv.gz: keep one of them"):
        files.ingest(connection)


def test_two_members_of_one_name_in_a_zip_stop(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, tmp_path: Path
) -> None:
    archive = files.zip(tmp_path / "shop.zip", "new/")
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(f"old/{ORDERS}.csv", files.bytes(ORDERS))
    with pytest.raises(SourceError, match=rf"new/{ORDERS}.csv and old/{ORDERS}.csv: keep one of them"):
        files.ingest(connection, archive)


def test_orphans_are_counted_by_the_checks_as_warnings(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[ITEMS] += [f"o{n},1,p1,s1,2017-03-03 10:00:00,1.00,1.00" for n in (7, 8)]
    files.lines[ORDERS].append("o9,nobody,created,2018-01-01 00:00:00,,,,2018-01-20 00:00:00")
    files.write()
    files.ingest(connection)
    assert failures(connection, "raw.order_items") == {"order_id_is_in_raw_orders": ("warning", "off by 2")}
    assert failures(connection, "raw.orders") == {"customer_id_is_in_raw_customers": ("warning", "off by 1")}
    assert failures(connection, "raw.order_payments") == {}


def test_each_table_is_reported_as_it_is_read(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    seen: list[str] = []
    loads, _ = files.ingest(connection, on_table=lambda load: seen.append(load.table_name))
    assert seen == list(loads)


def test_the_fingerprint_changes_with_any_byte_of_any_file_and_not_with_the_place(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, tmp_path: Path
) -> None:
    files.write()
    _, data = files.ingest(connection)
    _, again = files.ingest(connection, files.zip(tmp_path / "shop.zip"))
    assert again.fingerprint == data.fingerprint
    prints = {data.fingerprint}
    for stem in files.lines:
        path = files.folder / f"{stem}.csv"
        original = path.read_bytes()
        path.write_bytes(original + b"\n")
        _, changed = files.ingest(connection)
        prints.add(changed.fingerprint)
        path.write_bytes(original)
    assert len(prints) == 1 + len(files.lines)
    _, restored = files.ingest(connection)
    assert restored.fingerprint == data.fingerprint


def test_simulated_data_are_marked(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.write()
    _, real = files.ingest(connection)
    (files.folder / "truth.json").write_text('{"simulated": true}')
    _, simulated = files.ingest(connection)
    assert (real.is_simulated, simulated.is_simulated) == (False, True)
    stored = connection.execute("SELECT origin, is_simulated FROM raw.data_source").fetchall()
    assert stored == [(str(files.folder), True)]
