"""The model as a value: JSON there and back, what is refused, and what identifies it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ml.clv.model import BgNbd, CltvModel, GammaGamma


def test_json_there_and_back_gives_an_equal_model(model: CltvModel) -> None:
    odd = replace(model, bgnbd=BgNbd(1 / 3, 1e-17, 0.1 + 0.2, 7.0, 1e-4))
    assert CltvModel.from_json(odd.to_json()) == odd


@pytest.mark.parametrize("version", [None, 0, 2, "1"])
def test_another_version_is_refused(model: CltvModel, version: object) -> None:
    text = json.dumps({**json.loads(model.to_json()), "version": version})
    with pytest.raises(ValueError, match="version"):
        CltvModel.from_json(text)


def test_an_unknown_field_is_refused_by_name(model: CltvModel) -> None:
    text = json.dumps({**json.loads(model.to_json()), "surprise": 1})
    with pytest.raises(ValueError, match="surprise"):
        CltvModel.from_json(text)


def test_a_missing_parameter_is_refused_by_name(model: CltvModel) -> None:
    content = json.loads(model.to_json())
    del content["bgnbd"]["alpha"]
    with pytest.raises(ValueError, match=r"bgnbd.*alpha"):
        CltvModel.from_json(json.dumps(content))


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["r", "alpha", "a", "b"])
def test_a_bgnbd_parameter_outside_the_domain_is_refused(published: BgNbd, name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=name):
        replace(published, **{name: bad})


def test_a_gamma_gamma_without_a_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="q - 1"):
        GammaGamma(p=6.0, q=1.0, v=15.0, penalizer=0.0)


def test_the_digest_is_equal_for_equal_models_and_differs_with_any_parameter(model: CltvModel) -> None:
    assert model.digest() == CltvModel.from_json(model.to_json()).digest()
    assert model.digest() != replace(model, bgnbd=replace(model.bgnbd, r=0.2431)).digest()
    assert model.digest() != replace(model, annual_discount_rate=0.11).digest()
