"""Rejected lines, and where each stands in its file.

Stays out: deciding what is rejected (`assets.raw.reader`, `assets.raw.violations`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assets.raw.layout import csv_reader, open_text
from assets.resources.source import SourceError


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
    """One record of a CSV file.

    Attributes:
        number: its number in the file; the header is 1, and a blank line counts.
        row: its place among the rows that were read (0 is the first); None where the reader refused it.
        line: the line of the file that it starts on.
        lines: the lines it consists of, as they stand in the file, without their ends.
        fields: the text of each column.
    """

    number: int
    row: int | None
    line: int
    lines: tuple[str, ...]
    fields: dict[str, str]

    @property
    def content(self) -> str:
        """The record as it stands in the file."""
        return "\n".join(self.lines)


def find_records(path: Path, refused: Collection[int], rows: Collection[int]) -> list[Record]:
    """The records with these numbers, which the reader refused, and those of these rows, in the file's order.

    Reads the whole file in Python: only for the few that were rejected.

    Raises:
        SourceError: the file's quotes are such that a record cannot be found again.
    """
    if not refused and not rows:
        return []
    found = list(_records(path, frozenset(refused), frozenset(rows)))
    if len(found) != len(refused) + len(rows):
        raise SourceError(
            f"{path}: its quotes do not balance, so its lines cannot be told apart. Mend the file"
        )
    return found


def _records(path: Path, refused: frozenset[int], rows: frozenset[int]) -> Iterator[Record]:
    with open_text(path) as stream:
        lines: list[str] = []
        reader = csv_reader(_remembered(stream, lines))
        header = next(reader)
        row, line = -1, reader.line_num + 1
        lines.clear()
        for number, values in enumerate(reader, start=2):
            is_refused = number in refused
            row += bool(values) and not is_refused
            if is_refused or (values and row in rows):
                text = tuple(text.rstrip("\r\n") for text in lines)
                fields = dict(zip(header, values, strict=False))
                yield Record(number, None if is_refused else row, line, text, fields)
            line = reader.line_num + 1
            lines.clear()


def _remembered(stream: IO[str], lines: list[str]) -> Iterator[str]:
    for line in stream:
        lines.append(line)
        yield line
