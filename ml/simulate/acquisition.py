"""When customers are won: growth, yearly season, weekdays, Black Friday, hours of the day.

Stays out: repeat purchases, which know no season.
"""

import datetime

import numpy as np

from ml.simulate.arrays import Floats, Ints, pick
from ml.simulate.config import SimulationConfig

_WEEKDAY = (1.15, 1.14, 1.10, 1.06, 1.00, 0.75, 0.80)  # Monday first
_MONTH = (1.00, 0.95, 1.05, 1.00, 1.10, 0.97, 1.00, 1.05, 0.92, 0.95, 1.20, 0.95)  # January first
_HOUR = (
    2.4, 1.2, 0.5, 0.3, 0.2, 0.2, 0.5, 1.2, 3.0, 4.8, 6.2, 6.6,
    6.0, 6.5, 6.6, 6.5, 6.7, 6.2, 5.8, 6.0, 6.2, 6.2, 5.8, 4.1,
)  # fmt: skip
_BLACK_FRIDAY = (
    5.0,
    2.2,
    1.8,
    1.6,
)  # the Friday after the fourth Thursday of November, and the three days after
_DAYS_PER_YEAR = 365.25


def draw_first_days(rng: np.random.Generator, config: SimulationConfig, size: int) -> Floats:
    """Draw the instants of first purchases.

    Returns:
        Days since the start of the data, with fractions, in ``[0, config.days)``, shape ``(size,)``.
    """
    days = pick(rng, day_weights(config), size)
    hours = pick(rng, _HOUR, size)
    return days + (hours + rng.random(size)) / 24.0


def day_weights(config: SimulationConfig) -> Floats:
    """Weigh every day of the data by how many customers are won on it, shape ``(config.days,)``."""
    day = np.arange(config.days)
    weekday = (config.start.weekday() + day) % 7
    growth = (1.0 + config.growth_per_year) ** (day / _DAYS_PER_YEAR)
    weights = growth * np.take(_WEEKDAY, weekday) * np.take(_MONTH, months(config) - 1)
    for year in range(config.start.year, config.end.year + 1):
        _raise_black_friday(weights, config, year)
    return weights


def months(config: SimulationConfig) -> Ints:
    """Tell the month, 1 to 12, of every day of the data, shape ``(config.days,)``."""
    first = np.datetime64(config.start, "D")
    return (first + np.arange(config.days)).astype("datetime64[M]").astype(np.int64) % 12 + 1


def _raise_black_friday(weights: Floats, config: SimulationConfig, year: int) -> None:
    november = datetime.date(year, 11, 1)
    friday = november + datetime.timedelta(days=(3 - november.weekday()) % 7 + 22)
    for later, factor in enumerate(_BLACK_FRIDAY):
        position = (friday - config.start).days + later
        if 0 <= position < config.days:
            weights[position] *= factor
