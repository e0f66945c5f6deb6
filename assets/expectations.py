"""Decide a table's expectations with Great Expectations, on the statistics that the engine hands over.

Stays out: gathering the statistics (`assets.statistics`), and where this runs (`assets.validation`).

Great Expectations has no DuckDB source, and copying every row of every table into pandas each night would cost
more than the models. On the witnesses of a column and the violations of a statement each expectation comes out
just as it would on all rows.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from assets.contracts import Column, Contract, Fact
from assets.statistics import HAS_ROWS, table_facts

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.result_format import ResultFormatUnion
    from great_expectations.expectations.expectation import Expectation


@dataclass(frozen=True)
class Result:
    """One expectation's outcome.

    Attributes:
        expectation: Great Expectations' name of it, or the fact's own.
        column: the column, empty for a statement about the whole table.
        severity: `critical` blocks what depends on the table, `warning` does not.
        passed: whether it holds.
        observed: what was found.
        meaning: the statement in words.
    """

    expectation: str
    column: str
    severity: str
    passed: bool
    observed: str
    meaning: str


def decide_columns(contract: Contract, witnesses: pd.DataFrame) -> list[Result]:
    """The outcome of every expectation on single columns, given the columns' witnesses."""
    return [_column_result(found, contract) for found in _validate(witnesses, column_suite(contract))]


def decide_names(contract: Contract, names: Sequence[str]) -> list[Result]:
    """The outcome of the expectation on the names and order of the columns alone."""
    found = _validate(pd.DataFrame(columns=list(names)), column_suite(contract)[:1])
    return [_column_result(result, contract) for result in found]


def decide_facts(contract: Contract, violations: pd.DataFrame) -> list[Result]:
    """The outcome of every statement about the whole table, given how far the table is from each."""
    facts = table_facts(contract)
    found = _validate(violations, [_fact_expectation(fact) for fact in facts])
    return [_fact_result(fact, result) for fact, result in zip(facts, found, strict=True)]


def column_suite(contract: Contract) -> list[Expectation]:
    """The expectations on single columns: names, missing values, ranges, sets, patterns."""
    import great_expectations.expectations as gxe

    suite: list[Expectation] = [gxe.ExpectTableColumnsToMatchOrderedList(column_list=list(contract.columns))]
    for name, column in contract.columns.items():
        suite.extend(_column_suite(name, column))
    return suite


def _column_suite(name: str, column: Column) -> Iterator[Expectation]:
    import great_expectations.expectations as gxe

    if not column.nullable:
        yield gxe.ExpectColumnValuesToNotBeNull(column=name)
    if column.min is not None or column.max is not None:
        yield gxe.ExpectColumnValuesToBeBetween(column=name, min_value=column.min, max_value=column.max)
    if column.values is not None:
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.values))
    if column.pattern is not None:
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=column.pattern)


def _fact_expectation(fact: Fact) -> Expectation:
    import great_expectations.expectations as gxe

    severity: Any = fact.severity
    return gxe.ExpectColumnMaxToBeBetween(column=fact.name, min_value=0, max_value=0, severity=severity)


def _fact_result(fact: Fact, found: Any) -> Result:
    observed = "holds" if found.success else _how_far(fact, float(found.result["observed_value"]))
    return Result(fact.name, "", fact.severity, bool(found.success), observed, fact.meaning)


def _how_far(fact: Fact, count: float) -> str:
    if fact.name == HAS_ROWS:
        return "it is empty"
    return "nothing to count" if math.isinf(count) else f"off by {count:,.2f}".removesuffix(".00")


def _column_result(found: Any, contract: Contract) -> Result:
    config = found.expectation_config
    name = config.kwargs.get("column", "")
    column = contract.columns.get(name)
    unexpected = dict.fromkeys(str(value) for value in found.result.get("partial_unexpected_list") or [])
    bad = ", ".join(list(unexpected)[:5])
    observed = "holds" if found.success else (f"found {bad}" if bad else "found missing values")
    if config.type == "expect_table_columns_to_match_ordered_list" and not found.success:
        observed = f"found {found.result.get('observed_value')}"
    return Result(
        config.type, name, "critical", bool(found.success), observed, column.meaning if column else ""
    )


def _validate(frame: pd.DataFrame, suite: Sequence[Expectation]) -> list[Any]:
    """Great Expectations' results in the suite's order; RuntimeError where one could not run.

    What was found is asked for where an expectation does not hold; to know that it holds costs half as much.
    """
    verdicts = _outcomes(frame, suite, "BOOLEAN_ONLY")
    broken = [item for item, verdict in zip(suite, verdicts, strict=True) if not verdict.success]
    told = iter(_outcomes(frame, broken, "SUMMARY"))
    return [verdict if verdict.success else next(told) for verdict in verdicts]


def _outcomes(
    frame: pd.DataFrame, suite: Sequence[Expectation], result_format: ResultFormatUnion
) -> list[Any]:
    import great_expectations as gx

    if not suite:
        return []
    batch = _batches().get_batch(batch_parameters={"dataframe": frame})
    contract = gx.ExpectationSuite(name="contract", expectations=list(suite))
    found_results: list[Any] = batch.validate(contract, result_format=result_format).results
    by_config = {
        (found.expectation_config.type, _subject(found.expectation_config.kwargs)): found
        for found in found_results
    }
    results = [by_config[(item.expectation_type, _subject(item.configuration.kwargs))] for item in suite]
    for found in results:
        if found.exception_info and found.exception_info.get("raised_exception"):
            raise RuntimeError(f"{found.expectation_config.type} could not run: {found.exception_info}")
    return results


def _subject(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("column", ""))


def prepare() -> None:
    """Import Great Expectations and set it up; the first decision does so otherwise."""
    _batches()


@cache
def _batches() -> BatchDefinition:
    """Where frames are handed to Great Expectations; made once, since each change of it is serialised."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("warehouse")
    return source.add_dataframe_asset("table").add_batch_definition_whole_dataframe("rows")
