"""The fitted lifetime-value model as a value: parameters, what scoring needs to know, and its JSON.

Stays out: fitting and scoring.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from ml.clv.family import FAMILIES, PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.uncertainty import Covariance

_VERSION = 2

Part = TypeVar("Part")


@dataclass(frozen=True)
class CltvModel:
    """All that is needed to score customers.

    Attributes:
        purchases: How often customers buy; times in days.
        purchases_covariance: Covariance to draw the logarithms of its parameters from, (k, k) as nested tuples.
        gamma_gamma: How much they spend on a purchase.
        gamma_gamma_covariance: The same for the logarithms of p, q - 1 and v, (3, 3).
        horizon_days: The days that `p_purchase` speaks of.
        cltv_horizon_days: The days that make up the lifetime value.
        annual_discount_rate: Discount over 365 days, as a share.
        prediction_horizons: Days ahead for which expected purchases are scored.
        interval_draws: Draws of the parameters behind intervals.
        seed: Seed of these draws.
    """

    purchases: PurchaseModel
    purchases_covariance: Covariance
    gamma_gamma: GammaGamma
    gamma_gamma_covariance: Covariance
    horizon_days: int
    cltv_horizon_days: int
    annual_discount_rate: float
    prediction_horizons: tuple[int, ...]
    interval_draws: int
    seed: int

    def __post_init__(self) -> None:
        _require_square("purchases_covariance", self.purchases_covariance, len(self.purchases.parameters))
        _require_square("gamma_gamma_covariance", self.gamma_gamma_covariance, 3)

    def to_json(self) -> str:
        """Return the model as JSON with sorted keys; numbers survive the round trip exactly."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        content["purchases"] = {"family": self.purchases.name, **_values(self.purchases)}
        content["gamma_gamma"] = _values(self.gamma_gamma)
        return json.dumps({"version": _VERSION, **content}, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> CltvModel:
        """Return the model that `to_json` wrote.

        Raises:
            ValueError: The text is of another version, names no known family, lacks a field or has one that is
                not known.
        """
        content = json.loads(text)
        version = content.pop("version", None)
        if version != _VERSION:
            raise ValueError(f"CLTV model: version {version!r} cannot be read, only {_VERSION}")
        _require_keys("CLTV model", content, (field.name for field in fields(cls)))
        content["purchases"] = _purchases(dict(content["purchases"]))
        content["gamma_gamma"] = _part("gamma_gamma", GammaGamma, content["gamma_gamma"])
        for name in ("purchases_covariance", "gamma_gamma_covariance"):
            content[name] = tuple(tuple(row) for row in content[name])
        content["prediction_horizons"] = tuple(content["prediction_horizons"])
        return cls(**content)

    def digest(self) -> str:
        """Return the SHA-256 of the model's content: equal models, equal digest."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _values(part: Any) -> dict[str, float]:
    return asdict(part)


def _purchases(content: dict[str, Any]) -> PurchaseModel:
    family = content.pop("family", None)
    if family not in FAMILIES:
        raise ValueError(f"CLTV model: family {family!r} is not one of {', '.join(FAMILIES)}")
    return _part("purchases", FAMILIES[family], content)


def _part(name: str, part: type[Part], content: dict[str, float]) -> Part:
    _require_keys(f"CLTV model, {name}", content, (field.name for field in fields(part)))  # type: ignore[arg-type]
    return part(**content)


def _require_square(name: str, covariance: Covariance, size: int) -> None:
    rows = (len(covariance), *(len(row) for row in covariance))
    if any(length != size for length in rows):
        raise ValueError(f"CLTV model: {name} must be {size} by {size}")
    if not all(math.isfinite(value) for row in covariance for value in row):
        raise ValueError(f"CLTV model: {name} must be finite")


def _require_keys(what: str, content: dict, expected: Iterable[str]) -> None:
    expected = set(expected)
    if set(content) != expected:
        odd = sorted(set(content) ^ expected)
        raise ValueError(f"{what}: missing or unknown field(s) {', '.join(odd)}")
