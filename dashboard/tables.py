"""The tables of the snapshot as SQLAlchemy sees them, made from the contract.

Stays out: the contract itself (`dashboard.snapshot`) and the questions asked of it (`dashboard.queries`).
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from dashboard.snapshot import TABLES

_TYPES: dict[str, TypeEngine] = {
    "VARCHAR": sa.String(),
    "TINYINT": sa.SmallInteger(),
    "SMALLINT": sa.SmallInteger(),
    "INTEGER": sa.Integer(),
    "BIGINT": sa.BigInteger(),
    "DOUBLE": sa.Double(),
    "BOOLEAN": sa.Boolean(),
    "DATE": sa.Date(),
    "TIMESTAMP": sa.DateTime(),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def column_type(name: str) -> TypeEngine:
    """The SQLAlchemy type of a type of the contract; ValueError for one that no table should have."""
    decimal = _DECIMAL.fullmatch(name)
    if decimal:
        return sa.Numeric(int(decimal[1]), int(decimal[2]))
    if name not in _TYPES:
        raise ValueError(f"the contract names the type {name}, which dashboard.tables does not know")
    return _TYPES[name]


def _table(name: str) -> sa.Table:
    columns = (sa.Column(column, column_type(kind)) for column, kind in TABLES[name].items())
    return sa.Table(name, metadata, *columns)


metadata = sa.MetaData()
customers = _table("customers")
segment_codes = _table("segment_codes")
customer_list = _table("customer_list")
segment_summary = _table("segment_summary")
segment_cube = _table("segment_cube")
segment_movement = _table("segment_movement")
action_steps = _table("action_steps")
cltv_trend = _table("cltv_trend")
model_quality = _table("model_quality")
model_curves = _table("model_curves")
model_history = _table("model_history")
past_predictions = _table("past_predictions")
population_drift = _table("population_drift")
alerts = _table("alerts")
data_checks = _table("data_checks")
data_loads = _table("data_loads")
glossary = _table("glossary")
customer_history = _table("customer_history")
purchases = _table("purchases")
segment_medians = _table("segment_medians")
