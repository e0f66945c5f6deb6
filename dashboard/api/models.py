"""The JSON API of the models, the data and the glossary: the answers of `dashboard.queries`, sentences in words.

Stays out: the page that shows the same answers (`dashboard.pages.models`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from dashboard.api.problems import NO_SNAPSHOT
from dashboard.dependencies import CurrentSnapshot
from dashboard.queries.glossary import Column, columns_of_results
from dashboard.queries.model_report import ModelReport, model_report
from dashboard.report_words import column_in_words, in_words

router = APIRouter(prefix="/api/v1", tags=["models"])

_Months = Annotated[int, Query(ge=1, le=200, description="Newest months of the history", examples=[12])]
_Limit = Annotated[int, Query(ge=1, le=200, description="Columns in the answer", examples=[50])]
_After = Annotated[
    str,
    Query(max_length=200, description="`next` of the answer before", examples=["scores.customer_cltv.cltv"]),
]
_Search = Annotated[str, Query(max_length=100, description="Text in a name or meaning", examples=["cltv"])]


@dataclass(frozen=True)
class ColumnPage:
    """Columns in words; `next` is the `after` of the next page, null on the last one."""

    columns: tuple[Column, ...]
    next: str | None


@router.get("/models", responses=NO_SNAPSHOT)
def read_models(snapshot: CurrentSnapshot, months: _Months = 12) -> ModelReport:
    """The serving models: figures beside baselines, curves, history, what came of predictions, drift, and their data.

    Rates and probabilities are fractions, money is in reais; a null is a figure for which there was not enough data.
    Sentences are in the language of the request; a field named `_coded` says the same as codes and values, in JSON.
    """
    return in_words(model_report(snapshot, months))


@router.get("/glossary", responses=NO_SNAPSHOT)
def read_glossary(
    snapshot: CurrentSnapshot, limit: _Limit = 100, after: _After = "", q: _Search = ""
) -> ColumnPage:
    """What the columns of scores and marts mean, by table and name, in the language of the request."""
    with snapshot.engine.connect() as connection:
        columns = [column_in_words(column) for column in columns_of_results(connection)]
    found = [column for column in columns if column.name > after and column.mentions(q)]
    page, is_last = tuple(found[:limit]), len(found) <= limit
    return ColumnPage(page, None if is_last else page[-1].name)
