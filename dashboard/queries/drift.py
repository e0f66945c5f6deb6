"""Have the customers moved away from those that the churn model learned from?

Stays out: how the index is computed (`assets.marts.population_drift`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import population_drift

# The usual reading of the index (Siddiqi 2006): below 0.1 nothing has moved, above 0.25 much has.
SMALL_PSI, LARGE_PSI = 0.1, 0.25
STILL, AS_VALIDATED, SLIGHTLY, FARTHER = "still", "as validated", "slightly", "farther"


@dataclass(frozen=True)
class Drift:
    """How far a feature of the churn model, or its score, has moved, and how far it had when the model was validated.

    `movement` is still (hardly moved), as validated (no farther than then), slightly (farther, but not far), or farther
    (farther, and far).
    """

    model_version: str
    feature: str
    psi: float
    validated_psi: float
    movement: str


def drift_of_month(connection: sa.Connection) -> tuple[Drift, ...]:
    """The features of the serving churn model and its score, the farthest moved first."""
    table = population_drift.c
    query = sa.select(population_drift).order_by(table.psi.desc(), table.feature)
    return tuple(
        Drift(**row, movement=movement(row["psi"], row["validated_psi"]))
        for row in connection.execute(query).mappings()
    )


def movement(psi: float, validated_psi: float) -> str:
    """How a population stability index is read beside that of the validation."""
    if psi < SMALL_PSI:
        return STILL
    if psi <= validated_psi:
        return AS_VALIDATED
    return FARTHER if psi > LARGE_PSI else SLIGHTLY
