"""The model as a value: files there and back, and a digest of its content."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.calibration import Calibration
from ml.churn.config import ChurnConfig
from ml.churn.features import feature_frame
from ml.churn.logits import log_odds
from ml.churn.model import MODEL_FILE, ChurnModel
from ml.churn.reasons import reasons
from ml.churn.recipe import CATBOOST, LOGISTIC, MODEL_CLASSES, default_recipe
from ml.churn.scoring import score
from ml.churn.training import ChurnTraining, train_recipe


@pytest.mark.parametrize("name", MODEL_CLASSES)
def test_files_there_and_back_score_and_explain_the_same(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame, name: str
) -> None:
    model = trainings[name].model
    again = ChurnModel.from_files(model.to_files())
    assert again.digest() == model.digest()
    assert again.recipe == model.recipe
    assert again.rule == model.rule
    assert again.features == model.features
    assert again.reference == model.reference
    assert again.validated_drift == model.validated_drift
    assert again.validation_cutoff == model.validation_cutoff
    assert again.learned_cutoffs == model.learned_cutoffs
    pd.testing.assert_frame_equal(score(again, customers), score(model, customers))
    pd.testing.assert_frame_equal(reasons(again, customers), reasons(model, customers))


@pytest.mark.parametrize("name", MODEL_CLASSES)
@pytest.mark.parametrize("calibration", [Calibration(0.0, 1.0), Calibration(-0.3, 0.7)])
def test_contributions_and_base_sum_to_the_log_odds_of_churn(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame, name: str, calibration: Calibration
) -> None:
    model = replace(trainings[name].model, calibration=calibration)
    features = feature_frame(customers, "customers", model.features)
    told = model.base_log_odds + model.contributions(features).sum(axis=1)
    np.testing.assert_allclose(told, log_odds(1 - model.return_probability(features)), atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 1}, "version 1"),
        ({"surprise": 1}, "surprise"),
        ({"features": ["recency_days"]}, "other features"),
    ],
)
def test_what_does_not_fit_is_refused(
    trainings: Mapping[str, ChurnTraining], change: dict[str, object], message: str
) -> None:
    files = trainings[CATBOOST].model.to_files()
    text = json.dumps({**json.loads(files[MODEL_FILE]), **change})
    with pytest.raises(ValueError, match=message):
        ChurnModel.from_files({**files, MODEL_FILE: text.encode()})


@pytest.mark.parametrize("name", MODEL_CLASSES)
def test_every_file_is_needed(trainings: Mapping[str, ChurnTraining], name: str) -> None:
    files = trainings[name].model.to_files()
    for missing in files:
        rest = {file: content for file, content in files.items() if file != missing}
        with pytest.raises(ValueError, match=f"there is no file '{missing}'"):
            ChurnModel.from_files(rest)


def test_the_digest_changes_with_the_rule_and_with_the_calibration(training: ChurnTraining) -> None:
    model = training.model
    others = {
        replace(model, rule=replace(model.rule, green_lift=2.5)).digest(),
        replace(model, calibration=Calibration(0.1, 1.0)).digest(),
        model.digest(),
    }
    assert len(others) == 3


def test_the_digest_of_catboost_changes_with_one_leaf(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    recipe = default_recipe(CATBOOST, replace(config, iterations=3))
    model = train_recipe(panel, validation_cutoff, config, recipe).model
    before = model.digest()
    classifier = model.predictor.classifier  # type: ignore[attr-defined]
    leaves = classifier.get_leaf_values()
    leaves[0] += 1e-6
    classifier.set_leaf_values(leaves)
    assert model.digest() != before


def test_taking_the_digest_leaves_the_classifier_alone(trainings: Mapping[str, ChurnTraining]) -> None:
    model = trainings[CATBOOST].model
    classifier = model.predictor.classifier  # type: ignore[attr-defined]
    before = dict(classifier.get_metadata().items())
    model.digest()
    assert dict(classifier.get_metadata().items()) == before
    assert "model_guid" in before


def test_the_files_of_the_logistic_regression_are_json_alone(
    trainings: Mapping[str, ChurnTraining],
) -> None:
    for content in trainings[LOGISTIC].model.to_files().values():
        json.loads(content)
