"""Every statement of the pipeline has words of its own, and one that is not known keeps those stored with it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.i18n import PSEUDO, speaking
from dashboard.model_names import baseline_label, choice_label
from dashboard.statements import WORDS, said
from ml.churn.recipe import MODEL_CLASSES
from ml.clv.evaluation import BASELINE, BASELINE_VALUE
from ml.clv.family import FAMILIES
from tests.unit.dashboard.conftest import stated

ROOT = Path(__file__).parents[3]
FIGURE = {"metric": "roc_auc", "challenger": 0.62, "champion": 0.58}
FIGURE |= {"difference": 0.04, "low": 0.01, "high": 0.07}
# A value for every name that statements use, as the pipeline gives it.
SAMPLES: dict[str, Any] = {
    "as_of": "2018-08-01",
    "before": "2018-03-05",
    "believable": 7,
    "calibration": [0.25, 0.9],
    "column": "order_id",
    "columns": ["a", "b"],
    "count": 16.0,
    "customers": 14896,
    "cutoff": "2018-03-05",
    "cutoffs": ["2016-11-07", "2017-02-05"],
    "days": 180,
    "difference": 0.018,
    "families": ["BG/NBD", "Pareto/NBD"],
    "family": "MBG/NBD",
    "figures": [FIGURE],
    "file": "sellers",
    "folder": "shop",
    "high": 0.04,
    "key": ["a"],
    "limit": 0.9,
    "log_likelihood": -0.12673,
    "low": -0.004,
    "needed": 100,
    "one": "catboost 2",
    "other": "recency alone",
    "parameters": ["a", "b"],
    "passed_over": 1,
    "penalizer": 1e-05,
    "purchases": 501,
    "reason": "scores looked wrong",
    "repeat_customers": 7,
    "returned": 0.0275,
    "roc_auc": 0.971,
    "rows": 20120,
    "served": "purchase model",
    "table": "raw.orders",
    "trees": 42,
    "tried": 8,
    "values": ["lost"],
    "version": "7",
}
VERDICTS = {
    "compared_with_champion": (
        "no worse than",
        "worse than",
        "more complex and better than",
        "more complex and not better beyond noise than",
    ),
    "candidate_beside_simpler": ("better", "no better", "worse log loss"),
    "family_beside_default": (
        "better beyond noise",
        "no better than noise allows",
        "worse beyond noise",
    ),
}


# What a value is where there is nothing to tell.
OTHERWISE: dict[str, dict[str, Any]] = {
    "too_few_returns": {"cutoff": None},
    "fitted_on_purchases": {"calibration": None},
    "fitted_on_rows": {"calibration": None, "trees": None},
    "refitted": {"rows": None},
    "penalizer_judged": {"passed_over": 0},
    "chosen_by_hand": {"reason": ""},
}


def _statements() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Code and names of the values of every statement that the source of the pipeline makes."""
    for package in ("ml", "assets"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Statement":
                    code, values = node.args[0], node.args[2] if len(node.args) > 2 else ast.Dict([], [])
                    assert isinstance(code, ast.Constant), f"{path}: a code that is not written out"
                    assert isinstance(values, ast.Dict), f"{path}: values that are not written out"
                    yield str(code.value), tuple(str(ast.literal_eval(key)) for key in values.keys if key)


STATEMENTS = sorted(set(_statements()))


def _coded() -> Iterator[str]:
    for code, names in STATEMENTS:
        for verdict in VERDICTS.get(code, ("",)):
            values = {name: verdict if name == "verdict" else SAMPLES[name] for name in names}
            yield stated(code, **values)
            for name, other in OTHERWISE.get(code, {}).items():
                yield stated(code, **(values | {name: other}))


def test_the_pipeline_makes_exactly_the_statements_that_have_words() -> None:
    assert {code for code, _ in STATEMENTS} == set(WORDS)


@pytest.mark.parametrize("coded", sorted(set(_coded())))
def test_every_statement_is_said_in_every_language_with_its_values(coded: str) -> None:
    with speaking(PSEUDO):
        words = said(coded, "STORED")
    assert words.startswith("⟦")
    assert "STORED" not in words
    texts = set()
    for code in ("en", "ko", "pt"):
        with speaking(code):
            texts.add(said(coded, "STORED"))
    assert len(texts) == 3
    assert "STORED" not in texts


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [
        (
            "compared_with_champion",
            {"verdict": "worse than", "version": "7", "figures": [FIGURE]},
            "Worse than version 7 on the same customers: Ranking (ROC AUC) 0.6200 against 0.5800 "
            "(difference +0.0400, 95% interval +0.0100 to +0.0700).",
        ),
        (
            "candidate_beside_simpler",
            {"verdict": "no better", "one": "catboost 2", "other": "recency alone"}
            | {"difference": -0.0021, "low": -0.016, "high": 0.016},
            "CatBoost 2 does not beat recency alone beyond noise: ROC AUC −0.002 (−0.016 to +0.016).",
        ),
        (
            "fitted_on_rows",
            {
                "rows": 20120,
                "cutoffs": ["2016-11-07", "2017-02-05"],
                "trees": 42,
                "calibration": [0.251, 0.9],
            },
            "Fitted on 20,120 rows of the days 7 Nov 2016, 5 Feb 2017. It has 42 trees, as many as customers kept "
            "apart had use for. Calibrated on data before: log-odds +0.25 +0.90 times its own.",
        ),
        ("off_by", {"count": 16.0}, "off by 16"),
        ("off_by", {"count": 0.126}, "off by 0.13"),
        ("chosen_by_hand", {"reason": ""}, "Chosen by hand."),
        ("chosen_by_hand", {"reason": "100% better"}, "Chosen by hand: “100% better”"),
    ],
)
def test_a_statement_in_words(code: str, values: dict[str, Any], words: str) -> None:
    assert said(stated(code, **values), "STORED") == words


def test_several_statements_are_several_sentences() -> None:
    both = json.loads(stated("first_version")) + json.loads(stated("default_kept", family="BG/NBD"))
    assert said(json.dumps(both), "STORED") == "No version served before. BG/NBD was kept, as the default."


@pytest.mark.parametrize(
    "coded",
    [
        None,
        "",
        "[]",
        "{",
        "[1]",
        "{}",
        stated("never heard of"),
        stated("off_by"),
        stated("off_by", count="x"),
        stated("champion_stays", version="1", as_of="yesterday"),
        '[{"code": "first_version"}]',
    ],
)
def test_what_is_not_known_keeps_the_words_stored_with_it(coded: str | None) -> None:
    assert said(coded, "stored words") == "stored words"
    assert said(coded, None) == ""


@pytest.mark.parametrize("choice", [*MODEL_CLASSES, *FAMILIES, f"{MODEL_CLASSES[-1]} 2"])
def test_every_kind_of_model_has_a_name_in_the_catalogues(choice: str) -> None:
    with speaking(PSEUDO):
        assert choice_label(choice).startswith("⟦")


@pytest.mark.parametrize(
    "baseline", [BASELINE, BASELINE_VALUE, MODEL_CLASSES[0], "customers in random order"]
)
def test_every_baseline_has_words(baseline: str) -> None:
    with speaking(PSEUDO):
        assert baseline_label(baseline).startswith("⟦")
    assert baseline_label("somebody") == choice_label("somebody") == "somebody"
