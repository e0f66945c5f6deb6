"""How the columns of a source file map to the columns of its raw table.

Stays out: reading rows (`assets.raw.reader`).
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from assets.contracts import Contract
from assets.resources.source import FoundFile, SourceError


@dataclass(frozen=True)
class Layout:
    """File columns with their types, in file order; the select list of the table; file columns that are ignored."""

    file_columns: tuple[tuple[str, str], ...]
    select: str
    ignored: tuple[str, ...]

    @property
    def header(self) -> list[str]:
        """The names of the file's columns."""
        return [name for name, _ in self.file_columns]


def find_layout(connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile) -> Layout:
    """The layout of a file.

    Raises:
        SourceError: a column of the contract is missing; names the nearest column that the file has.
    """
    header = _parquet_header(connection, file.path) if file.is_parquet else _csv_header(file.path)
    wanted = _wanted(contract, header)
    missing = [name for name in wanted if name not in header]
    if missing:
        raise SourceError(_missing_columns(file.path, missing, header, set(wanted)))
    types = tuple((name, wanted[name][0] if name in wanted else "VARCHAR") for name in header)
    ignored = tuple(name for name in header if name not in wanted)
    return Layout(types, ", ".join(sql for _, sql in wanted.values()), ignored)


def open_text(path: Path) -> IO[str]:
    """A CSV file's text without its byte-order mark, line ends kept, bytes that are not UTF-8 replaced."""
    binary = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline="")


def _wanted(contract: Contract, header: list[str]) -> dict[str, tuple[str, str]]:
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


def _missing_columns(path: Path, missing: list[str], header: list[str], wanted: set[str]) -> str:
    spare = [name for name in header if name not in wanted]
    parts = []
    for name in missing:
        close = difflib.get_close_matches(name, spare, n=1, cutoff=0.5)
        parts.append(name + (f" (renamed to {close[0]}?)" if close else ""))
    return (
        f"{path}, line 1: missing column {', '.join(parts)}. The file has: {', '.join(header)}. "
        "Give the column its name in Kaggle's file"
    )


def _csv_header(path: Path) -> list[str]:
    with open_text(path) as stream:
        header = next(csv.reader(stream), [])
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise SourceError(f"{path}, line 1: column {', '.join(repeated)} stands twice. Keep one of them")
    return header


def _parquet_header(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    try:
        rows = connection.execute(
            "SELECT name FROM parquet_schema(?) WHERE type IS NOT NULL", [str(path)]
        ).fetchall()
    except duckdb.Error as error:
        raise SourceError(
            f"{path} does not read as Parquet ({error}). Replace it with the complete file"
        ) from error
    return [name for (name,) in rows]
