"""The contracts in words: the glossary of the dashboard and the document of all tables.

Stays out: the contracts themselves (`<layer>/<table>.yml`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pandas as pd

from assets.catalog import Table, catalog

_DOCUMENT = Path(__file__).parent.parent / "docs" / "tables.md"
_HEAD = """\
# Tables

Made from the contracts by `make docs`. Every table has one contract, `assets/<layer>/<table>.yml`, which also makes
its schema, its check and the dashboard's glossary.
"""


def glossary() -> pd.DataFrame:
    """Every column of every table: table_name, column_name, type, unit, meaning."""
    rows = [
        {
            "table_name": key,
            "column_name": name,
            "type": column.type,
            "unit": column.unit,
            "meaning": column.meaning,
        }
        for key, table in catalog().items()
        for name, column in table.contract.columns.items()
    ]
    return pd.DataFrame(rows)


def tables_document() -> str:
    """The document of all tables, as Markdown."""
    parts = [_HEAD]
    for layer, tables in groupby(catalog().values(), key=lambda table: table.contract.layer):
        parts.append(f"\n## {layer}\n")
        parts.extend(line for table in tables for line in _section(table))
    return "\n".join(parts) + "\n"


def _section(table: Table) -> Iterator[str]:
    contract = table.contract
    yield f"\n### {contract.table}\n"
    yield f"{contract.description.strip()}\n"
    yield f"*Grain:* {contract.grain} *Key:* {', '.join(contract.key) or 'none'}."
    if contract.layer != "raw":
        yield f"*Made from:* {', '.join(sorted(table.reads & catalog().keys()))}."
    yield "\n| column | type | unit | meaning |\n|---|---|---|---|"
    for name, column in contract.columns.items():
        optional = " Optional." if column.nullable else ""
        yield f"| `{name}` | {column.type} | {column.unit} | {column.meaning}{optional} |"
    if contract.facts:
        yield "\nWhat else must hold:\n"
    for fact in contract.facts:
        yield f"- `{fact.name}`: {fact.meaning}" + (" (warning)" if fact.severity == "warning" else "")


if __name__ == "__main__":
    _DOCUMENT.write_text(tables_document(), encoding="utf-8")
    sys.stdout.write(f"{_DOCUMENT.name} written\n")
