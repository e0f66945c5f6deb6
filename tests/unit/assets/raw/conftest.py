"""A small shop in Olist's files: tests change its rows, write it in any format, and ingest it."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.catalog import raw_contracts
from assets.contracts import Contract
from assets.raw.ingest import DataSource, Load, ingest
from assets.resources.source import open_source

CUSTOMERS = "olist_customers_dataset"
ORDERS = "olist_orders_dataset"
ITEMS = "olist_order_items_dataset"
PAYMENTS = "olist_order_payments_dataset"
REVIEWS = "olist_order_reviews_dataset"
PRODUCTS = "olist_products_dataset"
SELLERS = "olist_sellers_dataset"
PLACES = "olist_geolocation_dataset"
TRANSLATION = "product_category_name_translation"
DEMOGRAPHICS = "customer_demographics"

ROWS: dict[str, str] = {
    CUSTOMERS: """
        c1,ana,01310,sao paulo,SP
        c2,ana,01311,sao paulo,SP
        c3,bia,20040,rio de janeiro,RJ
        c4,caio,30130,belo horizonte,MG
    """,
    ORDERS: """
        o1,c1,delivered,2017-03-01 10:00:00,2017-03-01 10:10:00,2017-03-02,2017-03-05 12:00:00,2017-03-20
        o2,c2,delivered,2017-06-01 11:00:00,2017-06-01 11:10:00,2017-06-02,2017-06-30 12:00:00,2017-06-20
        o3,c3,shipped,2017-07-01 12:00:00,2017-07-01 12:10:00,2017-07-02 09:00:00,,2017-07-20 00:00:00
        o4,c4,canceled,2017-07-02 13:00:00,,,,2017-07-22 00:00:00
    """,
    ITEMS: """
        o1,1,p1,s1,2017-03-03 10:00:00,100.00,10.00
        o1,2,p2,s1,2017-03-03 10:00:00,50.50,5.25
        o2,1,p1,s1,2017-06-03 10:00:00,100.00,12.00
        o3,1,p2,s2,2017-07-03 10:00:00,50.50,7.90
    """,
    PAYMENTS: """
        o1,1,credit_card,3,100.00
        o1,2,voucher,1,65.75
        o2,1,boleto,1,112.00
        o3,1,debit_card,1,58.40
    """,
    REVIEWS: """
        r1,o1,5,,muito bom,2017-03-06 00:00:00,2017-03-07 08:00:00
        r2,o2,1,,atrasou,2017-07-01 00:00:00,2017-07-02 08:00:00
    """,
    PRODUCTS: """
        p1,beleza_saude,40,300,2,500,20,10,15
        p2,,,,,200,10,5,8
    """,
    SELLERS: """
        s1,13023,campinas,SP
        s2,80010,curitiba,PR
    """,
    PLACES: """
        01310,-23.56,-46.65,sao paulo,SP
        20040,-22.90,-43.18,rio de janeiro,RJ
    """,
    TRANSLATION: """
        beleza_saude,health_beauty
    """,
}


class OlistFiles:
    """The tables of a small shop as lines of text, by the stem of their file; the header comes first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contracts = {c.source.file: c for c in raw_contracts() if c.source is not None}
        self.lines = {
            stem: [
                ",".join(self.contracts[stem].columns),
                *(line.strip() for line in text.strip().splitlines()),
            ]
            for stem, text in ROWS.items()
        }

    def bytes(self, stem: str, line_end: str = "\n") -> bytes:
        """A table as the bytes of a CSV file."""
        return "".join(f"{line}{line_end}" for line in self.lines[stem]).encode()

    def write(self, suffix: str = ".csv") -> Path:
        """Write every table and return the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for stem in self.lines:
            self.write_one(stem, suffix)
        return self.folder

    def write_one(self, stem: str, suffix: str = ".csv") -> Path:
        """Write one table as `.csv`, `.csv.gz` or `.parquet`."""
        path = self.folder / f"{stem}{suffix}"
        if suffix == ".parquet":
            _write_parquet(self.contracts[stem], self.lines[stem], path)
        else:
            content = self.bytes(stem)
            path.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
        return path

    def zip(self, path: Path, folder: str = "") -> Path:
        """Write every table into a zip, below a folder inside it if one is given."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for stem in self.lines:
                archive.writestr(f"{folder}{stem}.csv", self.bytes(stem))
        return path

    def ingest(
        self, connection: duckdb.DuckDBPyConnection, origin: Path | None = None, **options: Any
    ) -> tuple[dict[str, Load], DataSource]:
        """Ingest the folder or another origin; any share of rejects is allowed unless an option differs."""
        source = open_source(str(origin or self.folder), self.folder.parent / "workspace")
        chosen = {"max_reject_share": 1.0, "simulate_ages": False, "seed": 7, **options}
        loads, data = ingest(connection, raw_contracts(), source, **chosen)
        return {load.table_name: load for load in loads}, data


def _write_parquet(contract: Contract, lines: list[str], path: Path) -> None:
    header, *rows = csv.reader(io.StringIO("\n".join(lines)))
    columns = ", ".join(
        f'"{name}" {contract.columns[name].type if name in contract.columns else "VARCHAR"}'
        for name in header
    )
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE rows ({columns})")
        for row in rows:
            marks = ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO rows VALUES ({marks})", [value or None for value in row])
        connection.execute(f"COPY rows TO '{path}' (FORMAT parquet)")


@pytest.fixture
def files(tmp_path: Path) -> OlistFiles:
    """A small shop that is not written yet."""
    return OlistFiles(tmp_path / "olist")
