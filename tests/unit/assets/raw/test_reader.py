"""Lines that break the contract go to the quarantine with their place in the file; the others are read."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from assets.contracts import Column, Contract
from assets.raw.reader import read_file
from assets.resources.source import SourceError, SourceFolder, find_file

if TYPE_CHECKING:
    from tests.unit.assets.raw.conftest import OlistFiles

ORDERS = "olist_orders_dataset"
ITEMS = "olist_order_items_dataset"
PAYMENTS = "olist_order_payments_dataset"
REVIEWS = "olist_order_reviews_dataset"
GOOD_ITEM = "o3,2,p2,s2,2017-07-03 10:00:00,50.50,7.90"

TICKET = Contract(
    layer="raw",
    name="tickets",
    description="",
    grain="",
    key=("id",),
    columns={
        "id": Column(type="VARCHAR", meaning=""),
        "n": Column(type="INTEGER", meaning="", min=0),
        "s": Column(type="VARCHAR", meaning="", nullable=True),
    },
)


def quarantine(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    columns = "file_name, line, column_name, value, reason, content"
    return connection.execute(f"SELECT {columns} FROM raw.rejected_lines").fetchall()


@pytest.mark.parametrize(
    ("stem", "line", "column", "value", "reason"),
    [
        (ITEMS, "o3,2,p2,s2,2017-07-03 10:00:00,50.50", None, None, "has 6 fields instead of 7"),
        (ITEMS, f"{GOOD_ITEM},x", None, None, "has 8 fields instead of 7"),
        (ITEMS, "nothing", None, None, "has 1 fields instead of 7"),
        (ITEMS, "o3,2,p2,s2,2017-07-03 10:00:00,-1.00,7.90", "price", "-1.00", "is below 0"),
        (ITEMS, "o3,2,p2,s2,2017-07-03 10:00:00,1.00,-0.01", "freight_value", "-0.01", "is below 0"),
        (ITEMS, "o3,2,p2,s2,2017-07-03 10:00:00,R$ 5,7.90", "price", "R$ 5", "is not a valid DECIMAL(12,2)"),
        (ITEMS, "o3,2,p2,s2,2017-07-03 10:00:00,,7.90", "price", "", "is missing"),
        (
            ITEMS,
            "o3,2,p2,s2,03/07/2017,1.00,7.90",
            "shipping_limit_date",
            "03/07/2017",
            "is not a valid TIMESTAMP",
        ),
        (ITEMS, "o3,two,p2,s2,2017-07-03,1.00,7.90", "order_item_id", "two", "is not a valid INTEGER"),
        (ITEMS, "o3,0,p2,s2,2017-07-03,1.00,7.90", "order_item_id", "0", "is below 1"),
        (ITEMS, ",2,p2,s2,2017-07-03,1.00,7.90", "order_id", "", "is missing"),
        (
            ORDERS,
            "o5,c1,delivered,2017-02-30 10:00:00,,,,2017-03-20",
            "order_purchase_timestamp",
            "2017-02-30 10:00:00",
            "is not a valid TIMESTAMP",
        ),
        (
            ORDERS,
            "o5,c1,lost,2017-02-20 10:00:00,,,,2017-03-20",
            "order_status",
            "lost",
            "is not one of delivered, shipped, canceled, unavailable, invoiced, processing, created, "
            "approved",
        ),
        (
            PAYMENTS,
            "o3,2,pix,1,5.00",
            "payment_type",
            "pix",
            "is not one of credit_card, boleto, voucher, debit_card, not_defined",
        ),
        (REVIEWS, "r3,o3,6,,,2017-07-01,2017-07-02", "review_score", "6", "is above 5"),
        (REVIEWS, "r3,o3,good,,,2017-07-01,2017-07-02", "review_score", "good", "is not a valid TINYINT"),
        (
            "olist_customers_dataset",
            "c9,ana,1310,sao paulo,SP",
            "customer_zip_code_prefix",
            "1310",
            r"does not match ^\d{5}$",
        ),
        (
            "olist_sellers_dataset",
            "s9,13023,campinas,Sao Paulo",
            "seller_state",
            "Sao Paulo",
            r"does not match ^[A-Z]{2}$",
        ),
        (
            "olist_geolocation_dataset",
            "01310,-91,-46.65,sao paulo,SP",
            "geolocation_lat",
            "-91",
            "is below -90",
        ),
        (
            "olist_geolocation_dataset",
            "01310,nan,-46.65,sao paulo,SP",
            "geolocation_lat",
            "nan",
            "is above 90",
        ),
    ],
)
def test_a_bad_line_is_kept_in_the_quarantine_and_the_run_goes_on(
    connection: duckdb.DuckDBPyConnection,
    files: OlistFiles,
    stem: str,
    line: str,
    column: str | None,
    value: str | None,
    reason: str,
) -> None:
    files.lines[stem].insert(2, line)
    files.write()
    loads, _ = files.ingest(connection)
    assert quarantine(connection) == [(f"{stem}.csv", 3, column, value, reason, line)]
    assert sum(load.rows_rejected for load in loads.values()) == 1
    table = next(name for name, load in loads.items() if load.rows_rejected)
    kept = connection.execute(f"SELECT count(*) FROM raw.{table}").fetchone()
    assert kept == (len(files.lines[stem]) - 2,)
    assert loads[table].rows_read == len(files.lines[stem]) - 1


def test_a_line_with_several_problems_is_rejected_once_with_the_first(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[ITEMS].append("o3,zero,p2,s2,yesterday,-1.00,free")
    files.write()
    loads, _ = files.ingest(connection)
    assert [row[2] for row in quarantine(connection)] == ["order_item_id"]
    assert (loads["order_items"].rows_read, loads["order_items"].rows_rejected) == (5, 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_line_is_the_one_an_editor_shows(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, line_end: str, mark: bytes
) -> None:
    long_text = f'"first line{line_end}{line_end}""third"" line, with a comma"'
    files.lines[REVIEWS] = [
        files.lines[REVIEWS][0],
        f"r1,o1,5,,{long_text},2017-03-06,2017-03-07",
        "",
        f"r2,o2,9,,{long_text},2017-03-06,2017-03-07",
        "",
        "r3,o3,4,,,2017-03-06,never",
        "r4,o3,4,,,2017-03-06,2017-03-07",
    ]
    files.write()
    (files.folder / f"{REVIEWS}.csv").write_bytes(mark + files.bytes(REVIEWS, line_end))
    files.ingest(connection)
    first, second = quarantine(connection)
    text = long_text.replace("\r\n", "\n")
    assert first == (
        f"{REVIEWS}.csv",
        6,
        "review_score",
        "9",
        "is above 5",
        f"r2,o2,9,,{text},2017-03-06,2017-03-07",
    )
    assert second[1:4] == (10, "review_answer_timestamp", "never")
    rows = connection.execute("SELECT review_id, review_comment_message FROM raw.order_reviews").fetchall()
    message = f'first line{line_end}{line_end}"third" line, with a comma'
    assert rows == [("r1", message), ("r4", None)]


def test_bytes_that_are_not_utf8_reject_their_line_alone(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[REVIEWS].append("r3,o3,4,,não,2017-07-06,2017-07-07")
    files.write()
    path = files.folder / f"{REVIEWS}.csv"
    path.write_bytes(path.read_bytes() + "r4,o4,4,,não,2017-07-06,2017-07-07\n".encode("latin-1"))
    files.ingest(connection)
    content = "r4,o4,4,,n\ufffdo,2017-07-06,2017-07-07"
    assert quarantine(connection) == [
        (path.name, 5, "review_comment_message", "n\ufffdo", "is not UTF-8", content)
    ]


def test_a_file_in_another_encoding_stops_with_its_lines(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.write()
    path = files.folder / "olist_sellers_dataset.csv"
    path.write_bytes(
        "\n".join([files.lines["olist_sellers_dataset"][0], "s1,13023,são paulo,SP"]).encode("latin-1")
    )
    with pytest.raises(SourceError, match=r"line 2: seller_city = 's\ufffdo paulo' is not UTF-8"):
        files.ingest(connection, max_reject_share=0.01)


def test_every_line_that_an_unclosed_quote_swallows_is_counted(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[REVIEWS] = [
        files.lines[REVIEWS][0],
        'r1,o1,5,,"never closed,2017-03-06,2017-03-07',
        "r2,o2,5,,fine,2017-03-06,2017-03-07",
        "",
        'r3,o3,5,,"fine",2017-03-06,2017-03-07',
        "r4,o4,5,,fine,2017-03-06,2017-03-07",
    ]
    files.write()
    loads, _ = files.ingest(connection)
    rows = quarantine(connection)
    assert [(row[1], row[5]) for row in rows] == [
        (number, files.lines[REVIEWS][number - 1]) for number in (2, 3, 5)
    ]
    assert rows[0][4] == "has a quote that is not closed, or text after a closed one"
    assert rows[2][4] == "is swallowed by the unclosed quote of line 2"
    assert (loads["order_reviews"].rows_read, loads["order_reviews"].rows_rejected) == (4, 3)
    assert connection.execute("SELECT review_id FROM raw.order_reviews").fetchall() == [("r4",)]


def test_mixed_line_ends_stop(connection: duckdb.DuckDBPyConnection, files: OlistFiles) -> None:
    files.write()
    path = files.folder / f"{ITEMS}.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n", 2))
    with pytest.raises(SourceError, match=rf"{ITEMS}.csv does not read as CSV: mixed line ends"):
        files.ingest(connection)


def test_of_equal_keys_the_later_line_goes_to_the_quarantine(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[ITEMS].insert(2, "o1,1,p2,s2,2017-03-03 10:00:00,1.00,1.00")
    files.write()
    files.ingest(connection)
    reason = "repeats the key (order_id, order_item_id) of an earlier line"
    assert quarantine(connection) == [(f"{ITEMS}.csv", 3, "order_id", "o1", reason, files.lines[ITEMS][2])]
    kept = connection.execute("SELECT price FROM raw.order_items WHERE order_id = 'o1' AND order_item_id = 1")
    assert kept.fetchall() == [(100,)]


@pytest.mark.parametrize("price", ["-100.00", "dear"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_rejected_line_takes_its_key_from_no_other(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles, price: str, suffix: str, tmp_path: Path
) -> None:
    bad = f"o1,1,p1,s1,2017-03-03 10:00:00,{price},10.00"
    files.lines[ITEMS].insert(1, bad)
    files.write()
    if suffix == ".parquet":
        _as_text_parquet(files, ITEMS)
    files.ingest(connection)
    assert [row[2] for row in quarantine(connection)] == ["price"]
    assert connection.execute("SELECT sum(price)::DOUBLE FROM raw.order_items").fetchone() == (301.0,)


def test_bad_rows_of_a_parquet_file_are_quarantined_by_row(
    connection: duckdb.DuckDBPyConnection, files: OlistFiles
) -> None:
    files.lines[ITEMS] += [
        "o3,2,p2,s2,2017-07-03 10:00:00,cheap,7.90",
        "o3,3,p2,s2,2017-07-03 10:00:00,5.00,-7.90",
        "o3,1,p2,s2,2017-07-03 10:00:00,5.00,7.90",
        "o3,4,p2,,soon,5.00,7.90",
        "o3,5,p2,s2,2017-07-03 10:00:00,5.00,7.90",
    ]
    files.write()
    _as_text_parquet(files, ITEMS)
    loads, _ = files.ingest(connection)
    assert [row[:5] for row in quarantine(connection)] == [
        (f"{ITEMS}.parquet", 5, "price", "cheap", "is not a valid DECIMAL(12,2)"),
        (f"{ITEMS}.parquet", 6, "freight_value", "-7.90", "is below 0"),
        (
            f"{ITEMS}.parquet",
            7,
            "order_id",
            "o3",
            "repeats the key (order_id, order_item_id) of an earlier line",
        ),
        (f"{ITEMS}.parquet", 8, "shipping_limit_date", "soon", "is not a valid TIMESTAMP"),
    ]
    assert "'order_item_id': 2" in quarantine(connection)[0][5]
    assert (loads["order_items"].rows_read, loads["order_items"].rows_rejected) == (9, 4)


def _as_text_parquet(files: OlistFiles, stem: str) -> None:
    """Replace a CSV file by a Parquet file whose columns are all text."""
    path = files.folder / f"{stem}.csv"
    with duckdb.connect() as other:
        other.execute(
            f"COPY (FROM read_csv('{path}', all_varchar = true, header = true)) "
            f"TO '{path.with_suffix('.parquet')}' (FORMAT parquet)"
        )
    path.unlink()


KINDS = {
    "good": ("{key},{n},x", None),
    "quoted": ('{key},{n},"a{end}{end}b ""q"" "', None),
    "blank": ("", None),
    "not a number": ("{key},z,x", "n"),
    "not a number, quoted": ('{key},z,"a{end}b"', "n"),
    "negative": ("{key},-4,x", "n"),
    "short": ("{key},4", ""),
    "spaces": ("   ", ""),
    "long": ("{key},4,x,y", ""),
    "not UTF-8": ("{key},4,\udcff\udcfe", "s"),
    "no key": (",4,", "id"),
    "repeated": ("first,1,x", "id"),
    "after the quote": ('{key},4,"x"y', ""),
}


@pytest.mark.parametrize("seed", range(60))
def test_rejects_of_randomly_damaged_files_are_exact(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    end = draw.choice(["\n", "\r\n"])
    text, line, kept, expected = f"id,n,s{end}first,0,x{end}", 3, 1, {}
    for n in range(draw.randint(1, 40)):
        pattern, column = KINDS[draw.choice([*KINDS, *["good"] * 6])]
        record = pattern.format(key=f"k{n}", n=n, end=end)
        if column is not None:
            expected[line] = column
        kept += bool(record) and column is None
        text, line = text + record + end, line + record.count("\n") + 1
    data = draw.choice([b"", b"\xef\xbb\xbf"]) + text.encode("utf-8", "surrogateescape")
    (tmp_path / "tickets.csv").write_bytes(draw.choice([data, data.removesuffix(end.encode())]))
    file = find_file(SourceFolder(tmp_path, "test", False), "tickets", required=True)
    assert file is not None
    read = read_file(connection, TICKET, file)
    assert {reject.line: reject.column_name or "" for reject in read.rejects} == expected
    assert connection.execute("SELECT count(*) FROM incoming_tickets").fetchone() == (kept,)
    assert read.rows == kept + len(expected)


def test_a_record_that_cannot_be_found_again_stops_instead_of_losing_its_place(tmp_path: Path) -> None:
    from assets.raw.quarantine import find_records

    path = tmp_path / "tickets.csv"
    path.write_text("id,n,s\na,1,x\n")
    with pytest.raises(SourceError, match="quotes do not balance"):
        find_records(path, refused={9}, rows=())
