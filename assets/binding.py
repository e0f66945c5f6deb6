"""Bind parameters in SQL by their names.

Stays out: connections (`assets.resources.warehouse`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PARAMETER = re.compile(r"\$([a-z_]+)")


class WarehouseError(RuntimeError):
    """A statement that the warehouse refused; the message says for which table and what to do."""


def bind(sql: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a statement names (`$as_of`) and no others; WarehouseError on an unknown one."""
    names = set(_PARAMETER.findall(sql))
    unknown = sorted(names - set(parameters))
    if unknown:
        raise WarehouseError(f"parameter ${', $'.join(unknown)} is not among {', '.join(sorted(parameters))}")
    return {name: parameters[name] for name in names}
