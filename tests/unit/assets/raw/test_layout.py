"""Columns are found by name; a column that is missing, renamed or there twice stops and is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from assets.resources.source import SourceError

if TYPE_CHECKING:
    from tests.unit.assets.raw.conftest import OlistFiles

SELLERS = "olist_sellers_dataset"
HEADER = "seller_id,seller_zip_code_prefix,seller_city,seller_state"


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER.replace("seller_city", "city"), r"missing column seller_city \(renamed to city\?\)"),
        (HEADER.replace("seller_city", "seler_city"), r"seller_city \(renamed to seler_city\?\)"),
        (HEADER.replace("seller_city", "SELLER-CITY"), r"seller_city \(renamed to SELLER-CITY\?\)"),
        (HEADER.replace("seller_city", "xyz"), r"missing column seller_city\. The file has: .*xyz"),
        (
            HEADER.replace("seller_city", "town").replace("seller_state", "state"),
            r"missing column seller_city, seller_state \(renamed to state\?\)",
        ),
    ],
)
def test_a_missing_column_stops_with_file_column_and_nearest_match(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, suffix: str, header: str, message: str
) -> None:
    files.lines[SELLERS][0] = header
    files.write(suffix)
    with pytest.raises(SourceError, match=message) as error:
        files.ingest(connection)
    assert f"{SELLERS}{suffix}" in str(error.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (f"{HEADER},seller_city", "line 1: column seller_city stands twice"),
        (f"{HEADER},Seller_City", "line 1: column seller_city stands twice"),
        (HEADER.replace(",", ";"), "missing column seller_id"),
        ("", "line 1: blank, where the header must stand"),
        ("x" * (1 << 24) + "y", "line 1: no header"),
    ],
)
def test_a_header_that_is_none_stops(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, header: str, message: str
) -> None:
    files.lines[SELLERS][0] = header
    files.write()
    with pytest.raises(SourceError, match=message) as error:
        files.ingest(connection)
    assert f"{SELLERS}.csv" in str(error.value)


def test_a_header_without_its_rows_is_no_header(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    del files.lines[SELLERS][0]
    files.write()
    with pytest.raises(SourceError, match="line 1: missing column seller_id"):
        files.ingest(connection)


def test_an_ignored_column_may_hold_anything(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[SELLERS] = [
        f"{line},{extra}" for line, extra in zip(files.lines[SELLERS], ["note", "1", ""], strict=True)
    ]
    files.write()
    loads, _ = files.ingest(connection)
    assert (loads["sellers"].rows_read, loads["sellers"].rows_rejected) == (2, 0)


def test_a_nested_extra_column_of_a_parquet_file_is_ignored(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    path = files.folder / f"{SELLERS}.csv"
    with duckdb.connect() as other:
        other.execute(
            f"COPY (SELECT *, ['a', 'b'] AS tags FROM read_csv('{path}', all_varchar = true, header = true)) "
            f"TO '{path.with_suffix('.parquet')}' (FORMAT parquet)"
        )
    path.unlink()
    loads, _ = files.ingest(connection)
    assert loads["sellers"].note == "extra columns ignored: tags"
    assert loads["sellers"].rows_read == 2
