"""The families of purchase models, by name.

Stays out: choosing one; training does that on a holdout.
"""

from __future__ import annotations

from ml.clv.bgnbd import BgNbd
from ml.clv.mbgnbd import MbgNbd
from ml.clv.nbd import PurchaseModel
from ml.clv.paretonbd import ParetoNbd

__all__ = ["DEFAULT", "FAMILIES", "PurchaseModel"]

DEFAULT = BgNbd.name
FAMILIES: dict[str, type[PurchaseModel]] = {family.name: family for family in (BgNbd, MbgNbd, ParetoNbd)}
