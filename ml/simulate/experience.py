"""What a customer goes through with a purchase: a late delivery, a review score.

Stays out: clock times and texts.
"""

import dataclasses

import numpy as np

from ml.simulate.acquisition import months
from ml.simulate.arrays import Bools, Floats, Ints
from ml.simulate.config import SimulationConfig

_LATE_BY_MONTH = (0.85, 1.20, 1.45, 0.85, 0.85, 0.75, 0.75, 0.85, 0.80, 0.80, 1.70, 1.15)  # January first
_SCORES_LATE = (0.46, 0.09, 0.11, 0.13, 0.21)  # one star first
_SCORES_ON_TIME = (0.080, 0.030, 0.080, 0.200, 0.610)
_SCORES_FAILED = (0.70, 0.08, 0.08, 0.06, 0.08)
_WORST_RISK = 0.9


@dataclasses.dataclass(frozen=True)
class Lateness:
    """How likely a delivery is late.

    Attributes:
        by_customer: Relative risk of each customer's place, mean about 1, shape ``(customers,)``.
        by_day: Probability on each day of the data for a customer of risk 1, shape ``(days,)``.
    """

    by_customer: Floats
    by_day: Floats

    def draw(self, rng: np.random.Generator, customer: Ints, day: Floats) -> Bools:
        """Draw which of the customers' purchases on these days arrive late, shape ``(orders,)``."""
        risk = self.by_customer[customer] * self.by_day[day.astype(np.int64)]
        return rng.random(customer.size) < np.minimum(risk, _WORST_RISK)


def make_lateness(config: SimulationConfig, by_customer: Floats) -> Lateness:
    """Combine the risk of each customer's place with the season, mean ``config.late_share`` over a year."""
    season = np.asarray(_LATE_BY_MONTH) / np.mean(_LATE_BY_MONTH)
    return Lateness(by_customer, config.late_share * season[months(config) - 1])


def draw_scores(rng: np.random.Generator, is_late: Bools) -> Ints:
    """Draw review scores 1 to 5 given lateness, shape ``(orders,)``."""
    draw = rng.random(is_late.size)
    late = np.searchsorted(np.cumsum(_SCORES_LATE)[:-1], draw, side="right")
    on_time = np.searchsorted(np.cumsum(_SCORES_ON_TIME)[:-1], draw, side="right")
    return np.where(is_late, late, on_time) + 1


def draw_failed_scores(rng: np.random.Generator, size: int) -> Ints:
    """Draw review scores 1 to 5 of orders that never came, shape ``(size,)``."""
    return np.searchsorted(np.cumsum(_SCORES_FAILED)[:-1], rng.random(size), side="right") + 1


def is_bad(score: Ints) -> Bools:
    """Tell which scores are bad: one or two stars."""
    return score <= 2
