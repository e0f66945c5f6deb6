"""Writing the simulated files: chunk by chunk, in three formats, visible only when all are complete.

Stays out: what the files contain.
"""

import contextlib
import gzip
import json
import pathlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

FILE_FORMATS = ("csv", "csv.gz", "parquet")
SHOP_TABLES = (
    "olist_customers_dataset",
    "olist_geolocation_dataset",
    "olist_order_items_dataset",
    "olist_order_payments_dataset",
    "olist_order_reviews_dataset",
    "olist_orders_dataset",
    "olist_products_dataset",
    "olist_sellers_dataset",
    "product_category_name_translation",
    "customer_demographics",
)
TRUTH_TABLE = "truth_customers"
TRUTH_FILE = "truth.json"
_WITH_BYTE_ORDER_MARK = "product_category_name_translation"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PARTIAL = ".partial"
_GZIP_LEVEL = 3


class FileSet:
    """The files of one simulation, written under temporary names until ``publish``.

    A simulation that is stopped leaves files ending in ``.partial`` and no ``truth.json``.

    Attributes:
        rows: Rows written so far, by table.
    """

    def __init__(self, out: pathlib.Path, file_format: str) -> None:
        """Prepare the folder, and remove what an earlier simulation left there.

        Args:
            out: Folder to write to; made if missing.
            file_format: One of ``csv``, ``csv.gz``, ``parquet``.

        Raises:
            ValueError: The format is not one of the three.
        """
        if file_format not in FILE_FORMATS:
            raise ValueError(f"file_format must be one of {', '.join(FILE_FORMATS)}; got {file_format!r}")
        self.rows: dict[str, int] = {}
        self._out = out
        self._file_format = file_format
        self._files: list[pathlib.Path] = []
        self._writers: dict[str, pa_csv.CSVWriter | pa_parquet.ParquetWriter] = {}
        self._open = contextlib.ExitStack()
        out.mkdir(parents=True, exist_ok=True)
        self._remove_earlier_files()

    def __enter__(self) -> "FileSet":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def write(self, table: str, rows: pa.Table) -> None:
        """Append rows to a table's file; the first call decides its columns."""
        if table not in self._writers:
            self._writers[table] = self._open_writer(table, rows.schema)
            self.rows[table] = 0
        self._writers[table].write_table(rows)
        self.rows[table] += rows.num_rows

    def publish(self, truth: Mapping[str, Any]) -> None:
        """Close all files, give them their names, and write ``truth.json`` last of all."""
        self._open.close()
        for file in self._files:
            _partial(file).replace(file)
        target = self._out / TRUTH_FILE
        _partial(target).write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
        _partial(target).replace(target)

    def _remove_earlier_files(self) -> None:
        """Remove ``truth.json`` first, so that a half-removed folder does not look finished."""
        names = [TRUTH_FILE, f"{TRUTH_TABLE}.parquet"]
        names += [f"{table}.{file_format}" for table in SHOP_TABLES for file_format in FILE_FORMATS]
        for name in names:
            (self._out / name).unlink(missing_ok=True)
            _partial(self._out / name).unlink(missing_ok=True)

    def _open_writer(self, table: str, schema: pa.Schema) -> pa_csv.CSVWriter | pa_parquet.ParquetWriter:
        file_format = "parquet" if table == TRUTH_TABLE else self._file_format
        file = self._out / f"{table}.{file_format}"
        self._files.append(file)
        stream: BinaryIO = self._open.enter_context(_partial(file).open("wb"))
        if file_format == "parquet":
            return self._open.enter_context(pa_parquet.ParquetWriter(stream, schema))
        if file_format == "csv.gz":
            zipped = gzip.GzipFile("", "wb", _GZIP_LEVEL, stream, mtime=0)
            stream = cast(BinaryIO, self._open.enter_context(zipped))
        if table == _WITH_BYTE_ORDER_MARK:
            stream.write(_BYTE_ORDER_MARK)
        return self._open.enter_context(pa_csv.CSVWriter(stream, schema))


def _partial(file: pathlib.Path) -> pathlib.Path:
    return file.with_name(file.name + _PARTIAL)
