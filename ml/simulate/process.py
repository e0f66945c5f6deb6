"""The purchase process: BG/NBD rates and dropouts, and the history of every customer's purchases.

Stays out: what is bought, for how much, and how the files look.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

from ml.simulate.arrays import Bools, Floats, Ints
from ml.simulate.config import SimulationConfig
from ml.simulate.experience import Lateness, draw_scores, is_bad


@dataclasses.dataclass(frozen=True)
class PurchaseHistory:
    """All purchases of a group of customers, and who is still a customer at the end.

    Attributes:
        customer: Position of the buyer, shape ``(orders,)``.
        ordinal: 0 for a first purchase, 1 for the next, shape ``(orders,)``.
        day: Instant in days since the start of the data, shape ``(orders,)``.
        is_late: Whether the delivery comes after the promised day, shape ``(orders,)``.
        score: Review score 1 to 5, shape ``(orders,)``.
        is_alive: Whether the customer has not dropped out by the end, shape ``(customers,)``.
    """

    customer: Ints
    ordinal: Ints
    day: Floats
    is_late: Bools
    score: Ints
    is_alive: Bools


def draw_rates(rng: np.random.Generator, config: SimulationConfig, size: int) -> Floats:
    """Draw purchase rates per day: gamma, shape ``r``, rate ``alpha`` (Fader, Hardie & Lee 2005, eq. 1)."""
    smallest = np.finfo(np.float64).tiny
    return np.maximum(rng.gamma(config.r, 1.0 / config.alpha, size), smallest)


def draw_dropouts(rng: np.random.Generator, config: SimulationConfig, size: int) -> Floats:
    """Draw dropout probabilities after a repeat purchase: beta (Fader, Hardie & Lee 2005, eq. 2)."""
    return rng.beta(config.a, config.b, size)


def shift_dropout(config: SimulationConfig, dropout: Floats, is_late: Bools, is_bad_review: Bools) -> Floats:
    """Raise dropout probabilities by what the customer went through.

    The odds are multiplied by ``late_odds_ratio ** covariate_strength`` where the delivery is late, and by
    ``bad_review_odds_ratio ** covariate_strength`` where the review is bad.

    Returns:
        Probabilities, the same shape as ``dropout``; exactly ``dropout`` at strength 0.
    """
    if config.covariate_strength == 0:
        return dropout
    late = np.where(is_late, config.late_odds_ratio**config.covariate_strength, 1.0)
    bad = np.where(is_bad_review, config.bad_review_odds_ratio**config.covariate_strength, 1.0)
    return dropout * late * bad / (1.0 - dropout + dropout * late * bad)


def leaving_probability(
    config: SimulationConfig, dropout: Floats, is_late: Bools, is_bad_review: Bools, is_first: bool
) -> Floats:
    """Tell how likely customers drop out after a purchase.

    In BG/NBD nobody drops out after the first purchase, only after repeat purchases. So a first purchase has
    only what the experience adds: the shifted probability less the unshifted one, which is 0 at strength 0.

    Returns:
        Probabilities, the same shape as ``dropout``.
    """
    shifted = shift_dropout(config, dropout, is_late, is_bad_review)
    return shifted - dropout if is_first else shifted


def draw_history(
    rng: np.random.Generator,
    config: SimulationConfig,
    first_day: Floats,
    rate: Floats,
    dropout: Floats,
    lateness: Lateness,
) -> PurchaseHistory:
    """Let every customer buy until they drop out or the data end.

    Args:
        rng: Source of randomness.
        config: Settings.
        first_day: Instant of each first purchase, days since the start, shape ``(customers,)``.
        rate: Purchase rate per day while alive, shape ``(customers,)``.
        dropout: Probability of dropping out after a repeat purchase, unshifted, shape ``(customers,)``.
        lateness: How likely a late delivery is, by customer and day.

    Returns:
        The purchases in rounds: all first ones, then all second ones, and so on.
    """
    is_alive = np.zeros(first_day.size, dtype=bool)
    rounds = list(_rounds(rng, config, first_day, rate, dropout, lateness, is_alive))
    customer, day, is_late, score = (np.concatenate(column) for column in zip(*rounds, strict=True))
    ordinal = np.repeat(np.arange(len(rounds)), [columns[0].size for columns in rounds])
    return PurchaseHistory(customer, ordinal, day, is_late, score, is_alive)


def _rounds(
    rng: np.random.Generator,
    config: SimulationConfig,
    first_day: Floats,
    rate: Floats,
    dropout: Floats,
    lateness: Lateness,
    is_alive: Bools,
) -> Iterator[tuple[Ints, Floats, Bools, Ints]]:
    """Yield the purchases round by round; mark in ``is_alive`` whoever outlives the data."""
    customer, day, is_first = np.arange(first_day.size), first_day, True
    while customer.size:
        is_late = lateness.draw(rng, customer, day)
        score = draw_scores(rng, is_late)
        yield customer, day, is_late, score
        leaving = leaving_probability(config, dropout[customer], is_late, is_bad(score), is_first)
        leaves = rng.random(customer.size) < leaving
        customer, day = customer[~leaves], day[~leaves]
        with np.errstate(over="ignore"):
            day = day + rng.exponential(1.0, customer.size) / rate[customer]
        is_inside = day < config.days
        is_alive[customer[~is_inside]] = True
        customer, day, is_first = customer[is_inside], day[is_inside], False
