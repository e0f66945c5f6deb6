"""The model as a value: JSON there and back, what is refused, and what identifies it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.family import PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.model import CltvModel

ODD = tuple(tuple(1 / (3 + i + j) for j in range(4)) for i in range(4))


def test_json_there_and_back_gives_an_equal_model_of_every_family(
    exact: Callable[..., CltvModel], published: PurchaseModel
) -> None:
    model = exact(published)
    odd = replace(model, purchases=replace(published, r=1 / 3, alpha=1e-17), purchases_covariance=ODD)
    again = CltvModel.from_json(odd.to_json())
    assert again == odd
    assert type(again.purchases) is type(published)
    assert json.loads(odd.to_json())["purchases"]["family"] == published.name


@pytest.mark.parametrize("version", [None, 1, 3, "2"])
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
    del content["purchases"]["alpha"]
    with pytest.raises(ValueError, match=r"purchases.*alpha"):
        CltvModel.from_json(json.dumps(content))


def test_an_unknown_family_is_refused_with_those_that_are_known(model: CltvModel) -> None:
    content = json.loads(model.to_json())
    content["purchases"]["family"] = "GGom/NBD"
    with pytest.raises(ValueError, match=r"'GGom/NBD' is not one of BG/NBD, MBG/NBD, Pareto/NBD"):
        CltvModel.from_json(json.dumps(content))


def test_parameters_of_another_family_are_refused(model: CltvModel) -> None:
    content = json.loads(model.to_json())
    content["purchases"]["family"] = "Pareto/NBD"
    with pytest.raises(ValueError, match="beta"):
        CltvModel.from_json(json.dumps(content))


@pytest.mark.parametrize(
    ("covariance", "message"), [(ODD[:3], "4 by 4"), (((float("nan"),) * 4,) * 4, "finite")]
)
def test_a_covariance_of_another_shape_or_without_numbers_is_refused(
    model: CltvModel, covariance: tuple[tuple[float, ...], ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(model, purchases_covariance=covariance)


def test_a_gamma_gamma_without_a_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="q - 1"):
        GammaGamma(p=6.0, q=1.0, v=15.0, penalizer=0.0)


def test_the_digest_is_equal_for_equal_models_and_differs_with_any_part(model: CltvModel) -> None:
    assert model.digest() == CltvModel.from_json(model.to_json()).digest()
    other = BgNbd(0.2431, 4.414, 0.793, 2.426, 0.0)
    for change in ({"purchases": other}, {"annual_discount_rate": 0.11}, {"purchases_covariance": ODD}):
        assert model.digest() != replace(model, **change).digest()
