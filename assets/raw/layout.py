"""How the columns of a source file map to the columns of its raw table.

Stays out: reading rows (`assets.raw.reader`).
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import duckdb

from assets.contracts import Contract
from assets.resources.source import FoundFile, SourceError

LONGEST_LINE = 1 << 24


class CsvReader(Protocol):
    """What `csv.reader` returns: records, and the number of lines read so far."""

    @property
    def line_num(self) -> int:
        """The lines read so far."""

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True)
class Layout:
    """File columns with their types, in file order; the table's select list; file columns ignored."""

    file_columns: tuple[tuple[str, str], ...]
    select: str
    ignored: tuple[str, ...]


def find_layout(connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile) -> Layout:
    """The layout of a file.

    Raises:
        SourceError: a column of the contract is missing; names the nearest column that the file has.
    """
    header = _parquet_header(connection, file.path) if file.is_parquet else _csv_header(file.path)
    wanted = _wanted(contract, header)
    missing = [name for name in wanted if name not in header]
    if missing:
        raise SourceError(_missing_columns(file, missing, header, set(wanted)))
    types = tuple((name, wanted[name][0] if name in wanted else "VARCHAR") for name in header)
    ignored = tuple(name for name in header if name not in wanted)
    return Layout(types, ", ".join(sql for _, sql in wanted.values()), ignored)


def open_text(path: Path) -> IO[str]:
    """A CSV file's text without its byte-order mark, line ends kept, bytes that are not UTF-8 replaced."""
    opener = gzip.open if path.suffix == ".gz" else open
    return io.TextIOWrapper(opener(path, "rb"), encoding="utf-8-sig", errors="replace", newline="")


def csv_reader(lines: Iterable[str]) -> CsvReader:
    """Records of comma-separated lines, as long as DuckDB reads them."""
    csv.field_size_limit(LONGEST_LINE)
    return csv.reader(lines)


def _wanted(contract: Contract, header: Sequence[str]) -> dict[str, tuple[str, str]]:
    """For each column to read: its type, and the SQL that makes the table's column of it."""
    wanted: dict[str, tuple[str, str]] = {}
    alternatives = contract.source.alternatives if contract.source else {}
    for name, column in contract.columns.items():
        other = alternatives.get(name)
        if name not in header and other and other.column in header:
            wanted[other.column] = (other.type, f'{other.sql} AS "{name}"')
        else:
            wanted[name] = (column.type, f'"{name}"')
    return wanted


def _missing_columns(file: FoundFile, missing: list[str], header: Sequence[str], wanted: set[str]) -> str:
    spare = {name.lower(): name for name in header if name not in wanted}
    parts = []
    for name in missing:
        close = difflib.get_close_matches(name, list(spare), n=1, cutoff=0.5)
        parts.append(name + (f" (renamed to {spare[close[0]]}?)" if close else ""))
    place = f"{file.path}" if file.is_parquet else f"{file.path}, line 1"
    return (
        f"{place}: missing column {', '.join(parts)}. The file has: {', '.join(header)}. "
        "Give the column its name in Kaggle's file"
    )


def _csv_header(path: Path) -> list[str]:
    try:
        with open_text(path) as stream:
            names = next(csv_reader(stream), [])
    except csv.Error as error:
        raise SourceError(f"{path}, line 1: no header ({error}). Replace it with the CSV file") from error
    if not names:
        raise SourceError(f"{path}, line 1: blank, where the header must stand. Remove the blank line")
    header = [name or f"unnamed_{place}" for place, name in enumerate(names, start=1)]
    counts = Counter(name.lower() for name in header)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise SourceError(f"{path}, line 1: column {', '.join(repeated)} stands twice. Keep one of them")
    return header


def _parquet_header(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    try:
        rows = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SourceError(
            f"{path} does not read as Parquet ({reason}). Replace it with the complete file"
        ) from error
    return [name for (name, *_) in rows]
