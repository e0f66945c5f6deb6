"""What does a column mean?

Stays out: the texts themselves (the contracts beside the tables).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import glossary


@dataclass(frozen=True)
class Meaning:
    """A column's term in words."""

    column_name: str
    unit: str | None
    meaning: str


def meanings(connection: sa.Connection, table_name: str) -> dict[str, Meaning]:
    """The meanings by column of a table named with its layer; empty when the glossary lacks it."""
    table = glossary.c
    query = sa.select(table.column_name, table.unit, table.meaning).where(table.table_name == table_name)
    return {row["column_name"]: Meaning(**row) for row in connection.execute(query).mappings()}
