"""What a query reads: the tables it depends on, and the columns each of its columns comes from.

Stays out: declaring dependencies by hand. The SQL is the declaration.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage

from assets.resources.warehouse import LAYERS

DIALECT = "duckdb"


def tables_read(sql: str) -> frozenset[str]:
    """The warehouse tables (`layer.name`) that a query reads."""
    parsed = sqlglot.parse_one(sql, dialect=DIALECT)
    return frozenset(f"{table.db}.{table.name}" for table in parsed.find_all(exp.Table) if table.db in LAYERS)


def columns_read(sql: str, columns: dict[str, dict[str, str]], column: str) -> frozenset[tuple[str, str]]:
    """The (table, column) pairs that one output column of a query comes from.

    Args:
        sql: the query.
        columns: of each table that it reads (`layer.name`), column names and types.
        column: the output column.
    """
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for table, types in columns.items():
        layer, name = table.split(".")
        schema.setdefault(layer, {})[name] = types
    try:
        root = lineage(column, sql, schema=schema, dialect=DIALECT)
    except (SqlglotError, ValueError):
        return frozenset()
    found = set()
    for node in root.walk():
        if isinstance(node.source, exp.Table) and node.source.db in LAYERS:
            found.add((f"{node.source.db}.{node.source.name}", node.name.rsplit(".", 1)[-1].strip('"')))
    return frozenset(found)
