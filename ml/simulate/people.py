"""The persons: ids, homes, moves, birth dates.

Stays out: what they buy.
"""

import dataclasses

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import DAY_S, MISSING, Floats, Ints, pick
from ml.simulate.config import SimulationConfig
from ml.simulate.places import Places

_MOVING_SHARE = 0.03
_NO_ROW_SHARE, _NO_DATE_SHARE = 0.01, 0.01
_DAYS_PER_YEAR = 365.25
_AGE_FROM = (7, 13, 16, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 91)
_AGE_SHARE = (1.0, 2.0, 5.0, 11.0, 12.5, 13.5, 13.0, 11.0, 9.0, 7.5, 6.0, 4.0, 2.4, 1.3, 0.5, 0.3)


@dataclasses.dataclass(frozen=True)
class People:
    """A group of persons.

    Attributes:
        unique_id: ``customer_unique_id``, shape ``(persons,)``.
        home: Place of the first order, shape ``(persons,)``.
        later_home: Place of all later orders, the same unless the person moves, shape ``(persons,)``.
    """

    unique_id: pa.Array
    home: Ints
    later_home: Ints


def draw_people(rng: np.random.Generator, places: Places, unique_id: pa.Array) -> People:
    """Draw where the persons with these ids live, and where those who move go."""
    home = places.draw(rng, len(unique_id))
    moves = rng.random(home.size) < _MOVING_SHARE
    return People(unique_id, home, np.where(moves, places.draw(rng, home.size), home))


def draw_birth_days(rng: np.random.Generator, config: SimulationConfig, first_day: Floats) -> Ints:
    """Draw birth dates from an age pyramid of buyers at their first order.

    The bands follow the shape of Brazil's 2010 census pyramid between 20 and 60 years, thinned for children
    and the very old, who rarely buy.

    Args:
        rng: Source of randomness.
        config: Settings.
        first_day: Instant of the first order, days since the start of the data, shape ``(persons,)``.

    Returns:
        Days since 1970, negative before, ``MISSING`` where unknown, shape ``(persons,)``.
    """
    band = pick(rng, _AGE_SHARE, first_day.size)
    edge = np.asarray(_AGE_FROM, dtype=np.float64)
    age = edge[band] + rng.random(first_day.size) * np.diff(edge)[band]
    born = np.floor(config.start_s / DAY_S + first_day - age * _DAYS_PER_YEAR).astype(np.int64)
    return np.where(rng.random(first_day.size) < _NO_DATE_SHARE, MISSING, born)


def demographics_table(rng: np.random.Generator, unique_id: pa.Array, birth_day: Ints) -> pa.Table:
    """Make the demographics file; one person in a hundred has no row, as many a row without a date."""
    has_row = rng.random(birth_day.size) >= _NO_ROW_SHARE
    dates = pa.array(birth_day, mask=birth_day == MISSING).cast(pa.int32()).cast(pa.date32())
    table = pa.table({"customer_unique_id": unique_id, "birth_date": dates})
    return table.filter(pa.array(has_row))
