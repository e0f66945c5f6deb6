"""Tables are made as their contracts say and replaced month by month, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from assets.contracts import Column, Contract
from assets.resources.warehouse import (
    LAYERS,
    Warehouse,
    WarehouseError,
    bind,
    ensure_table,
    replace_rows,
    sparing_memory,
    transaction,
)

MONTHLY = Contract(
    layer="scores",
    name="things",
    description="",
    grain="",
    key=("snapshot_month", "thing"),
    columns={
        "snapshot_month": Column(type="VARCHAR", meaning=""),
        "thing": Column(type="VARCHAR", meaning=""),
        "n": Column(type="INTEGER", meaning=""),
    },
)
WHOLE = MONTHLY.model_copy(
    update={"key": ("thing",), "columns": {name: MONTHLY.columns[name] for name in ("thing", "n")}}
)
JANUARY, FEBRUARY = {"snapshot_month": "2018-01"}, {"snapshot_month": "2018-02"}


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("FROM scores.things ORDER BY ALL").fetchall()


def test_a_statement_gets_the_parameters_that_it_names() -> None:
    known = {"as_of": 1, "as_of_dates": [2], "months": [3]}
    assert bind("SELECT $as_of, '^\\d$', $as_of", known) == {"as_of": 1}
    assert bind("SELECT unnest($as_of_dates)", known) == {"as_of_dates": [2]}
    assert bind("SELECT 1", known) == {}
    with pytest.raises(
        WarehouseError, match=r"parameter \$horizon, \$seed is not among as_of, as_of_dates, months"
    ):
        bind("SELECT $seed, $horizon, $as_of", known)


def test_a_table_is_made_once_and_again_when_its_contract_changes(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert ensure_table(connection, MONTHLY) is False
    connection.execute("INSERT INTO scores.things VALUES ('2018-01', 'a', 1)")
    assert ensure_table(connection, MONTHLY) is False
    assert len(rows(connection)) == 1
    wider = MONTHLY.model_copy(
        update={"columns": {**MONTHLY.columns, "n": Column(type="BIGINT", meaning="")}}
    )
    assert ensure_table(connection, wider) is True
    assert rows(connection) == []


def test_a_month_is_replaced_and_the_others_stay(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT 1 AS n, $snapshot_month AS snapshot_month, unnest(['a', 'b']) AS thing"
    assert replace_rows(connection, MONTHLY, sql, JANUARY) == 2
    assert replace_rows(connection, MONTHLY, sql, FEBRUARY) == 2
    assert replace_rows(connection, MONTHLY, sql.replace("1 AS n", "2 AS n"), JANUARY) == 2
    assert rows(connection) == [
        ("2018-01", "a", 2),
        ("2018-01", "b", 2),
        ("2018-02", "a", 1),
        ("2018-02", "b", 1),
    ]
    assert replace_rows(connection, MONTHLY, f"FROM ({sql}) WHERE false", JANUARY) == 0
    assert [month for month, *_ in rows(connection)] == ["2018-02", "2018-02"]


def test_a_table_without_months_is_replaced_whole(connection: duckdb.DuckDBPyConnection) -> None:
    for n in (1, 2):
        replace_rows(connection, WHOLE, f"SELECT 'a' AS thing, {n} AS n", {})
    assert rows(connection) == [("a", 2)]


def test_a_frame_is_written_by_the_names_of_its_columns(connection: duckdb.DuckDBPyConnection) -> None:
    frame = pd.DataFrame({"n": [1, 2], "thing": ["a", None], "snapshot_month": "2018-01"})
    before = frame.copy()
    assert replace_rows(connection, MONTHLY, frame, JANUARY) == 2
    assert rows(connection) == [("2018-01", "a", 1), ("2018-01", None, 2)]
    pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(duckdb.CatalogException):
        connection.execute("FROM frame_of_rows")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 'a' AS thing", r"only in the contract: \['n'\]"),
        ("SELECT 'a' AS thing, 1 AS n, 2 AS m", r"only in the query: \['m'\]"),
        ("SELECT 'a' AS thing, 1 AS N", r"only in the query: \['N'\]; only in the contract: \['n'\]"),
    ],
)
def test_columns_that_are_not_the_contracts_are_refused(
    connection: duckdb.DuckDBPyConnection, sql: str, message: str
) -> None:
    replace_rows(connection, WHOLE, "SELECT 'old' AS thing, 1 AS n", {})
    with pytest.raises(WarehouseError, match=rf"scores\.things: its query and its contract .*{message}"):
        replace_rows(connection, WHOLE, sql, {})
    assert rows(connection) == [("old", 1)]


def test_a_query_that_fails_half_way_changes_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    replace_rows(connection, WHOLE, "SELECT 'old' AS thing, 1 AS n", {})
    with pytest.raises(duckdb.Error):
        replace_rows(connection, WHOLE, "SELECT 'new' AS thing, unnest(['2', 'three'])::INTEGER AS n", {})
    frame = pd.DataFrame({"thing": ["new"], "n": ["three"]})
    with pytest.raises(duckdb.Error):
        replace_rows(connection, WHOLE, frame, {})
    assert rows(connection) == [("old", 1)]


def test_a_transaction_is_all_or_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    ensure_table(connection, WHOLE)
    with pytest.raises(duckdb.ConversionException), transaction(connection):
        connection.execute("INSERT INTO scores.things VALUES ('a', 1), ('b', 2); SELECT 'x'::INTEGER")
    assert rows(connection) == []
    with transaction(connection):
        connection.execute("INSERT INTO scores.things VALUES ('a', 1)")
    assert rows(connection) == [("a", 1)]


def test_a_new_warehouse_has_its_folder_layers_and_formulas(tmp_path: Path) -> None:
    warehouse = Warehouse(path=str(tmp_path / "state" / "warehouse.duckdb"), threads=1)
    with warehouse.connect() as connection:
        found = {
            name for (name,) in connection.execute("SELECT schema_name FROM duckdb_schemas()").fetchall()
        }
        assert found.issuperset(LAYERS)
        band = connection.execute("SELECT age_band(DATE '1990-01-01', DATE '2018-01-01')").fetchone()
        assert band == ("Adult 20–64",)
        assert connection.execute("SELECT current_setting('threads')").fetchone() == (1,)
    with warehouse.connect() as connection:
        assert connection.execute("SELECT age_band(NULL, DATE '2018-01-01')").fetchone() == ("Unknown",)


def test_a_connection_is_closed_after_an_error(tmp_path: Path) -> None:
    warehouse = Warehouse(path=str(tmp_path / "warehouse.duckdb"))
    with pytest.raises(ValueError, match="the work failed"), warehouse.connect() as connection:
        raise ValueError("the work failed")
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("SELECT 1")


def test_errors_of_the_work_itself_are_not_taken_for_a_closed_warehouse(tmp_path: Path) -> None:
    warehouse = Warehouse(path=str(tmp_path / "warehouse.duckdb"))
    with pytest.raises(duckdb.IOException, match="no such place"), warehouse.connect():
        raise duckdb.IOException("no such place")


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dagster_duckdb.resource

    def once(fn: Any, retry_on: Any, kwargs: Any, max_retries: int) -> Any:
        assert max_retries > 0
        return fn(**kwargs)

    monkeypatch.setattr(dagster_duckdb.resource, "backoff", once)
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"no database" * 1000)
    with (
        pytest.raises(WarehouseError, match=rf"{path} cannot be opened"),
        Warehouse(path=str(path)).connect(),
    ):
        pass


@pytest.mark.parametrize(
    ("born", "day", "band"),
    [
        ("2000-02-29", "2013-02-27", "Child 0–12"),
        ("2000-02-29", "2013-02-28", "Teen 13–19"),
        ("1998-01-01", "2017-12-31", "Teen 13–19"),
        ("1998-01-01", "2018-01-01", "Adult 20–64"),
        ("1953-01-01", "2017-12-31", "Adult 20–64"),
        ("1953-01-01", "2018-01-01", "Elderly 65+"),
    ],
)
def test_age_bands_change_on_birthdays(
    connection: duckdb.DuckDBPyConnection, born: str, day: str, band: str
) -> None:
    found = connection.execute(
        "SELECT age_band(?, ?)", [dt.date.fromisoformat(born), dt.date.fromisoformat(day)]
    ).fetchone()
    assert found == (band,)


def test_exact_sums_do_not_depend_on_the_order_of_the_rows(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE drawn AS SELECT random() * 1000 AS x FROM range(10000)")
    sums = {
        connection.execute(
            f"SELECT exact_sum(x), exact_mean(x) FROM (FROM drawn ORDER BY {order})"
        ).fetchone()
        for order in ("x", "x DESC", "hash(x)")
    }
    assert len(sums) == 1
    assert connection.execute("SELECT exact_mean(x), exact_sum(x) FROM drawn WHERE false").fetchone() == (
        None,
        None,
    )


def test_memory_is_spared_inside_and_no_longer_after_a_failure() -> None:
    threshold = "SELECT current_setting('allocator_bulk_deallocation_flush_threshold')"
    with duckdb.connect() as connection:
        before = connection.execute(threshold).fetchone()
        with sparing_memory(connection):
            inside = connection.execute(threshold).fetchone()
        with pytest.raises(duckdb.CatalogException), sparing_memory(connection):
            connection.execute("FROM nothing")
        after = connection.execute(threshold).fetchone()
    assert inside == ("976.5 KiB",)
    assert after == before != inside
