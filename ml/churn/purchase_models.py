"""Purchase models as churn needs them: P(a purchase within t), and their JSON.

Stays out: their formulas and their fit, which are those of the lifetime value (`ml.clv`).
"""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

FAMILIES = {"BgNbd": "ml.clv.bgnbd", "MbgNbd": "ml.clv.mbgnbd", "ParetoNbd": "ml.clv.paretonbd"}


class PurchaseModel(Protocol):
    """A fitted model of when customers buy: a frozen dataclass of its parameters."""

    def p_purchase_within(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: float) -> np.ndarray:
        """Return P(at least one purchase in (T, T + t]).

        Args:
            x: Repeat purchases (frequency), shape (n,).
            t_x: Age at the last purchase in days (recency of the literature), shape (n,).
            T: Age in days, shape (n,).
            t: Days ahead.
        """
        ...


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
    """Return family and parameters as JSON with sorted keys.

    Raises:
        ValueError: The family is not one of `FAMILIES`.
    """
    family = type(model).__name__
    _require_known(family)
    parameters = asdict(model)  # type: ignore[call-overload]
    return json.dumps({"family": family, "parameters": parameters}, sort_keys=True, allow_nan=False)


def purchase_model_from_json(text: str) -> PurchaseModel:
    """Return the model that `purchase_model_to_json` wrote.

    Raises:
        ValueError: The family is not one of `FAMILIES`.
    """
    content: dict[str, Any] = json.loads(text)
    _require_known(content["family"])
    family = getattr(importlib.import_module(FAMILIES[content["family"]]), content["family"])
    return family(**content["parameters"])


def _require_known(family: str) -> None:
    if family not in FAMILIES:
        raise ValueError(f"purchase model: unknown family {family}; known are {', '.join(FAMILIES)}")
