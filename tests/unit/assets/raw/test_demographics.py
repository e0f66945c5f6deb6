"""Birth dates come from a file, or are drawn on request and labelled so; a draw never replaces a file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import duckdb
import pytest

from assets.catalog import catalog
from assets.raw.demographics import CENSUS_PYRAMID, SIMULATED_AGES, draw_demographics
from assets.resources.warehouse import ensure_table
from assets.validation import check_table

if TYPE_CHECKING:
    from tests.unit.assets.raw.conftest import OlistFiles

DEMOGRAPHICS = "customer_demographics"


def birth_dates(connection: duckdb.DuckDBPyConnection) -> dict[str, dt.date]:
    rows = connection.execute("FROM raw.customer_demographics ORDER BY customer_unique_id").fetchall()
    return dict(rows)


def test_birth_dates_are_read(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.lines[DEMOGRAPHICS] = ["customer_unique_id,birth_date", "ana,1980-05-17", "bia,"]
    files.write()
    _, data = files.ingest(connection)
    assert birth_dates(connection) == {"ana": dt.date(1980, 5, 17), "bia": None}
    assert data.demographics == "file"


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_a_birth_year_becomes_the_middle_of_the_year(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, suffix: str
) -> None:
    files.lines[DEMOGRAPHICS] = ["customer_unique_id,birth_year", "ana,1980", "bia,"]
    files.write(suffix)
    files.ingest(connection)
    assert birth_dates(connection) == {"ana": dt.date(1980, 7, 1), "bia": None}


def test_a_birth_date_goes_before_a_birth_year(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[DEMOGRAPHICS] = ["customer_unique_id,birth_year,birth_date", "ana,1980,1981-01-02"]
    files.write()
    loads, _ = files.ingest(connection)
    assert birth_dates(connection) == {"ana": dt.date(1981, 1, 2)}
    assert loads[DEMOGRAPHICS].note == "extra columns ignored: birth_year"


def test_a_birth_year_that_is_no_number_is_rejected_by_its_own_name(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[DEMOGRAPHICS] = ["customer_unique_id,birth_year", "ana,1980", "bia,about 1970"]
    files.write()
    files.ingest(connection)
    assert connection.execute(
        "SELECT line, column_name, value, reason FROM raw.rejected_lines"
    ).fetchall() == [(3, "birth_year", "about 1970", "is not a valid SMALLINT")]


def test_without_a_file_nobody_has_an_age_and_the_source_says_so(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    _, data = files.ingest(connection)
    assert birth_dates(connection) == {}
    assert data.demographics == "none"


def test_drawn_ages_are_labelled_seeded_and_complete(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    loads, data = files.ingest(connection, simulate_ages=True)
    drawn = birth_dates(connection)
    assert set(drawn) == {"ana", "bia", "caio"}
    assert data.demographics == "simulated"
    assert (loads[DEMOGRAPHICS].note, loads[DEMOGRAPHICS].rows_read) == (SIMULATED_AGES.words, 3)
    critical = [r for r in check_table(connection, catalog()["raw.loads"].contract, {}) if not r.passed]
    assert critical == []
    _, again = files.ingest(connection, simulate_ages=True)
    assert (birth_dates(connection), again.fingerprint) == (drawn, data.fingerprint)
    _, other = files.ingest(connection, simulate_ages=True, seed=8)
    assert birth_dates(connection) != drawn
    assert other.fingerprint != data.fingerprint


def test_later_orders_change_no_drawn_age(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.write()
    files.ingest(connection, simulate_ages=True)
    drawn = birth_dates(connection)
    files.lines["olist_customers_dataset"] += ["c5,ana,01310,sao paulo,SP", "c6,davi,01310,sao paulo,SP"]
    files.lines["olist_orders_dataset"] += [
        f"o{n},c{n},created,2018-05-0{n} 00:00:00,,,,2018-06-01 00:00:00" for n in (5, 6)
    ]
    files.write()
    files.ingest(connection, simulate_ages=True)
    assert {**birth_dates(connection), **drawn} == birth_dates(connection)


def test_a_draw_never_replaces_a_file(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.lines[DEMOGRAPHICS] = ["customer_unique_id,birth_date", "ana,1980-05-17"]
    files.write()
    _, data = files.ingest(connection, simulate_ages=True)
    assert birth_dates(connection) == {"ana": dt.date(1980, 5, 17)}
    assert data.demographics == "file"


def test_the_file_of_a_simulated_shop_counts_as_simulated(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[DEMOGRAPHICS] = ["customer_unique_id,birth_date", "ana,1980-05-17"]
    (files.write() / "truth.json").write_text('{"simulated": true}')
    _, data = files.ingest(connection)
    assert data.demographics == "simulated"


def test_drawn_ages_follow_the_census_pyramid(connection: duckdb.DuckDBPyConnection) -> None:
    for name in ("customers", "orders", DEMOGRAPHICS):
        ensure_table(connection, catalog()[f"raw.{name}"].contract)
    connection.execute(
        "INSERT INTO raw.customers (customer_id, customer_unique_id) "
        "SELECT 'c' || i, 'u' || i FROM range(40000) t(i)"
    )
    connection.execute(
        "INSERT INTO raw.orders (order_id, customer_id, order_purchase_timestamp) "
        "SELECT 'o' || i, 'c' || i, TIMESTAMP '2018-01-01' FROM range(39999) t(i)"
    )
    assert draw_demographics(connection, seed=7) == 40_000
    total = sum(share for *_, share in CENSUS_PYRAMID)
    for age_from, age_to, share in CENSUS_PYRAMID:
        (count,) = connection.execute(
            "SELECT count(*) FROM (SELECT (DATE '2018-01-01' - birth_date) / 365.25 AS age "
            "FROM raw.customer_demographics) WHERE age >= ? AND age < ?",
            [age_from, age_to],
        ).fetchone() or (0,)
        expected = share / total
        error = 4 * (expected * (1 - expected) / 40_000) ** 0.5 + 1e-3
        assert count / 40_000 == pytest.approx(expected, abs=error), (age_from, age_to)
