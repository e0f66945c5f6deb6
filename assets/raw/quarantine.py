"""Rejected lines, and where each stands in its file.

Stays out: deciding what is rejected (`assets.raw.reader`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assets.raw.layout import open_text


@dataclass(frozen=True)
class Reject:
    """One rejected line, as `raw.rejected_lines` keeps it."""

    table_name: str
    file_name: str
    line: int
    column_name: str | None
    value: str | None
    reason: str
    content: str

    def __str__(self) -> str:
        subject = f"{self.column_name} = {self.value!r}" if self.column_name else "the line"
        return f"{self.file_name}, line {self.line}: {subject} {self.reason}"


@dataclass(frozen=True)
class Record:
    """One record of a CSV file: its number (the header is 1), the line it starts on, its text and its fields."""

    number: int
    line: int
    content: str
    fields: dict[str, str]

    def field(self, column: str | None) -> str | None:
        """The text of a column, None where the record has none."""
        return self.fields.get(column) if column else None


def kept_records(rows: list[int], refused: list[int]) -> list[int]:
    """The record number in the file (the header is 1) of each kept row, given the records that were refused.

    Args:
        rows: ids of kept rows, ascending; 0 is the first row kept.
        refused: numbers of refused records, ascending.
    """
    records, skipped = [], 0
    for row in rows:
        while skipped < len(refused) and refused[skipped] <= row + 2 + skipped:
            skipped += 1
        records.append(row + 2 + skipped)
    return records


def record_lines(path: Path, wanted: set[int]) -> Iterator[Record]:
    """The wanted records of a CSV file. Reads the whole file in Python: only for the few that were rejected."""
    if not wanted:
        return
    with open_text(path) as stream:
        lines: list[str] = []
        reader = csv.reader(_remembered(stream, lines))
        header = next(reader)
        number, start = 1, reader.line_num + 1
        lines.clear()
        for fields in reader:
            if fields:
                number += 1
                if number in wanted:
                    content = "".join(lines).rstrip("\r\n")
                    yield Record(number, start, content, dict(zip(header, fields, strict=False)))
            start = reader.line_num + 1
            lines.clear()


def _remembered(stream: IO[str], lines: list[str]) -> Iterator[str]:
    for line in stream:
        lines.append(line)
        yield line
