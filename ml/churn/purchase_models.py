"""The purchase models of the lifetime value as churn needs them: a pair, and their JSON.

Stays out: their formulas and their fit, which are those of `ml.clv`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ml.clv.family import FAMILIES, PurchaseModel

__all__ = ["PurchaseModel", "PurchaseModels", "purchase_model_from_json", "purchase_model_to_json"]


@dataclass(frozen=True)
class PurchaseModels:
    """The same family fitted twice.

    Attributes:
        judged: Fitted on purchases before the validation cutoff.
        served: Fitted on purchases before the as-of date.
    """

    judged: PurchaseModel
    served: PurchaseModel


def purchase_model_to_json(model: PurchaseModel) -> str:
    """Return family and parameters as JSON with sorted keys."""
    content = {"family": model.name, "parameters": {**model.parameters, "penalizer": model.penalizer}}
    return json.dumps(content, sort_keys=True, allow_nan=False)


def purchase_model_from_json(text: str) -> PurchaseModel:
    """Return the model that `purchase_model_to_json` wrote.

    Raises:
        ValueError: The family is not one of `ml.clv.family.FAMILIES`.
    """
    content: dict[str, Any] = json.loads(text)
    family = FAMILIES.get(content["family"])
    if family is None:
        raise ValueError(
            f"purchase model: unknown family {content['family']}; known are {', '.join(FAMILIES)}"
        )
    return family(**content["parameters"])
