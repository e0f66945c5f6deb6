"""The fitted lifetime-value model as a value: parameters, what scoring needs to know, and its JSON.

Stays out: fitting and scoring.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

_VERSION = 1


@dataclass(frozen=True)
class BgNbd:
    """Parameters of BG/NBD: rates are Gamma(r, alpha) with alpha in days, drop-out is Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    penalizer: float

    def __post_init__(self) -> None:
        _require_positive("BG/NBD", {name: getattr(self, name) for name in ("r", "alpha", "a", "b")})


@dataclass(frozen=True)
class GammaGamma:
    """Parameters of Gamma-Gamma: v in the unit of spend; q > 1, else the mean spend does not exist."""

    p: float
    q: float
    v: float
    penalizer: float

    def __post_init__(self) -> None:
        _require_positive("Gamma-Gamma", {"p": self.p, "q - 1": self.q - 1, "v": self.v})

    @property
    def mean_spend(self) -> float:
        """Mean spend per purchase in the population, p v / (q - 1)."""
        return self.p * self.v / (self.q - 1)


@dataclass(frozen=True)
class CltvModel:
    """All that is needed to score customers; horizons in days, the discount rate over 365 days."""

    bgnbd: BgNbd
    gamma_gamma: GammaGamma
    horizon_days: int
    cltv_horizon_days: int
    annual_discount_rate: float
    prediction_horizons: tuple[int, ...]

    def to_json(self) -> str:
        """Return the model as JSON with sorted keys; numbers survive the round trip exactly."""
        return json.dumps({"version": _VERSION, **asdict(self)}, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> CltvModel:
        """Return the model that `to_json` wrote.

        Raises:
            ValueError: The text is of another version, lacks a field or has one that is not known.
        """
        content = json.loads(text)
        version = content.pop("version", None)
        if version != _VERSION:
            raise ValueError(f"CLTV model: version {version!r} cannot be read, only {_VERSION}")
        _require_keys("CLTV model", content, (field.name for field in fields(cls)))
        for name, part in (("bgnbd", BgNbd), ("gamma_gamma", GammaGamma)):
            _require_keys(f"CLTV model, {name}", content[name], (field.name for field in fields(part)))
            content[name] = part(**content[name])
        content["prediction_horizons"] = tuple(content["prediction_horizons"])
        return cls(**content)

    def digest(self) -> str:
        """Return the SHA-256 of the model's content: equal models, equal digest."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _require_positive(what: str, values: dict[str, float]) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{what}: {name} must be positive and finite, not {value}")


def _require_keys(what: str, content: dict, expected: Iterable[str]) -> None:
    expected = set(expected)
    if set(content) != expected:
        odd = sorted(set(content) ^ expected)
        raise ValueError(f"{what}: missing or unknown field(s) {', '.join(odd)}")
