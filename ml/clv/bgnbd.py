"""BG/NBD: a customer may leave right after each repeat purchase (Fader, Hardie & Lee 2005).

Stays out: the formulas, which it shares with MBG/NBD (`betageometric`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ml.clv.betageometric import BetaGeometricModel


@dataclass(frozen=True)
class BgNbd(BetaGeometricModel):
    """Parameters of BG/NBD: rates are Gamma(r, alpha) with alpha in days, drop-out is Beta(a, b).

    P(alive) is 1 for every customer without a repeat purchase, by construction.
    """

    r: float
    alpha: float
    a: float
    b: float
    penalizer: float

    name = "BG/NBD"
    coins_at_zero = 0
