"""The tables as SQLAlchemy sees them."""

from __future__ import annotations

import pytest

from dashboard import snapshot, tables


def test_every_declared_table_has_the_columns_of_the_contract() -> None:
    for name, table in tables.metadata.tables.items():
        assert list(table.columns.keys()) == list(snapshot.TABLES[name])


def test_every_type_of_the_contract_is_known() -> None:
    for columns in snapshot.TABLES.values():
        for kind in columns.values():
            tables.column_type(kind)


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="GEOMETRY"):
        tables.column_type("GEOMETRY")
