"""MBG/NBD: a customer may leave right after each purchase, the first one included.

Stays out: the formulas, which it shares with BG/NBD (`betageometric`).

Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24(3), 201-209.
"""

from __future__ import annotations

from dataclasses import dataclass

from ml.clv.betageometric import BetaGeometricModel


@dataclass(frozen=True)
class MbgNbd(BetaGeometricModel):
    """Parameters of MBG/NBD: rates are Gamma(r, alpha) with alpha in days, drop-out is Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    penalizer: float

    name = "MBG/NBD"
    coins_at_zero = 1
