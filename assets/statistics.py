"""What the engine finds out about a table so that every expectation of its contract can be decided.

Stays out: deciding (`assets.expectations`).

* Witnesses: of each column its least and greatest value, or all its distinct values where a set or a pattern
  is expected, and a missing value if there is one. A column keeps its range, set, pattern or completeness
  exactly if its witnesses do.
* Violations: of each statement about the whole table (key, order of two columns, references, sums, row counts)
  how far the table is from it, counted in SQL. The statement holds exactly if the number is 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd

from assets.binding import bind
from assets.contracts import Column, Contract, Fact, Severity
from ml.statements import Statement, coded

HAS_ROWS = "has_rows"


def table_facts(contract: Contract) -> list[Fact]:
    """The statements about the whole table: rows, key, order of columns, references, the contract's facts."""
    facts = [*_key_facts(contract), *_pair_facts(contract), *_reference_facts(contract), *contract.facts]
    if contract.may_be_empty and contract.source is None:
        return facts
    severity: Severity = "warning" if contract.may_be_empty else "critical"
    count = f"SELECT (count(*) = 0)::INTEGER FROM {contract.table}{_of_months(contract)}"
    return [_fact(HAS_ROWS, Statement("has_rows", "The table has rows."), count, severity), *facts]


def _fact(name: str, meaning: Statement, violations: str, severity: Severity = "critical") -> Fact:
    return Fact(
        name=name,
        meaning=meaning.words,
        coded=coded([meaning]),
        severity=severity,
        violations=violations,
    )


def _key_facts(contract: Contract) -> Iterator[Fact]:
    if contract.key:
        key = ", ".join(f'"{name}"' for name in contract.key)
        words = f"No two rows share the key ({', '.join(contract.key)})."
        yield _fact(
            "key_is_unique",
            Statement("key_is_unique", words, {"columns": list(contract.key)}),
            f"SELECT count(*) - count(DISTINCT ({key})) FROM {contract.table}{_of_months(contract)}",
        )


def _pair_facts(contract: Contract) -> Iterator[Fact]:
    for pair in contract.pairs:
        words = f"{pair.at_least} is never below {pair.of}."
        yield _fact(
            f"{pair.at_least}_is_at_least_{pair.of}",
            Statement("never_below", words, {"column": pair.at_least, "other": pair.of}),
            f'SELECT count(*) FILTER (WHERE "{pair.at_least}" < "{pair.of}") '
            f"FROM {contract.table}{_of_months(contract)}",
        )


def _reference_facts(contract: Contract) -> Iterator[Fact]:
    for column, target in contract.references.items():
        parent, parent_column = target.rsplit(".", 1)
        words = f"Every {column} is in {parent}."
        yield _fact(
            f"{column}_is_in_{parent.replace('.', '_')}",
            Statement("refers_to", words, {"column": column, "table": parent}),
            f'SELECT count(*) FROM {contract.table} AS child WHERE "{column}" IS NOT NULL AND NOT EXISTS '
            f'(SELECT 1 FROM {parent} AS parent WHERE parent."{parent_column}" = child."{column}")',
            "warning",
        )


def find_witnesses(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """A small frame with the table's columns whose values decide every expectation on a single column.

    The column of the month is looked at in all rows: those without a month belong to none of `$months`.
    """
    names = list(contract.columns)
    parts = [_witness_sql(name, column) for name, column in contract.columns.items()]
    if contract.is_monthly:
        place = names.index("snapshot_month")
        parts[place] = f"(SELECT {parts[place]} FROM {contract.table})"
    sql = f"SELECT {', '.join(parts)} FROM {contract.table}{_of_months(contract)}"
    values = connection.execute(sql, bind(sql, parameters)).fetchone() or ()
    longest = max((len(found) for found in values), default=0)
    padded = {name: _padded(found, longest) for name, found in zip(names, values, strict=True)}
    return pd.DataFrame(padded, columns=names, dtype=object)


def _witness_sql(name: str, column: Column) -> str:
    """SQL for a column's witnesses. NaN and infinity are no numbers: missing, and outside of any range."""
    is_float = column.type == "DOUBLE"
    number = f'if(isfinite("{name}"), "{name}", NULL)' if is_float else f'"{name}"'
    missing = f"if(count(*) > count({number}), [NULL], [])"
    if column.values is not None or column.pattern is not None:
        return f'coalesce(list(DISTINCT "{name}"), []) || {missing}'
    if column.min is None and column.max is None:
        return f"if(count({number}) > 0, ['known'], []) || {missing}"
    outside = f"if(count(\"{name}\") > count({number}), ['-inf', 'inf']::DOUBLE[], [])"
    extremes = f"list_distinct([min({number}), max({number})]::DOUBLE[])"
    return " || ".join([extremes, *([outside] if is_float else []), missing])


def _padded(values: Sequence[Any], length: int) -> list[Any]:
    return [*values, *[values[0] if values else None] * (length - len(values))]


def count_violations(
    connection: duckdb.DuckDBPyConnection, facts: Sequence[Fact], parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """One row: for each statement about the whole table, how far the table is from it.

    A query that gives nothing, such as a sum over no rows, is infinitely far: it must not pass for 0.
    """
    counts = {}
    for fact in facts:
        (count,) = connection.execute(fact.violations, bind(fact.violations, parameters)).fetchone() or (
            None,
        )
        counts[fact.name] = [math.inf if count is None else float(count)]
    return pd.DataFrame(counts)


def _of_months(contract: Contract) -> str:
    return " WHERE snapshot_month IN (SELECT unnest($months))" if contract.is_monthly else ""
