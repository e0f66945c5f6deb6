"""The settings of a simulated shop, their defaults and their checks.

Stays out: drawing anything.
"""

import dataclasses
import datetime
import math
from collections.abc import Callable

HORIZON_DAYS = 180
"""Days after the end that ``truth_customers`` speaks of."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SimulationConfig:
    """Everything that decides what the simulated files contain.

    Two equal configurations give byte-identical files. Purchases follow the BG/NBD model (Fader, Hardie &
    Lee 2005, "Counting Your Customers the Easy Way", Marketing Science 24(2)), values the gamma-gamma model
    (Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value"). With ``covariate_strength=0`` both hold
    exactly, but for rounding to cents.

    Attributes:
        customers: Persons with at least one purchase.
        seed: Seed of every draw, 0 or more.
        start: First day on which a customer may be won.
        end: Last day of the data, inclusive; nothing that happens later is in the files.
        r: Shape of the purchase rate's gamma distribution.
        alpha: Rate of that gamma distribution, in days: the mean rate is ``r / alpha`` purchases per day.
        a: First parameter of the beta distribution of the dropout probability after a repeat purchase.
        b: Second parameter of that beta distribution.
        p: Shape of one purchase's gamma-distributed value.
        q: Shape of the gamma distribution of that value's rate; above 1, else there is no mean.
        gamma: Rate of that gamma distribution, in BRL: the mean purchase is ``p * gamma / (q - 1)``.
        covariate_strength: How far late deliveries and bad reviews raise the dropout: 0 not at all, 1 as
            the odds ratios below say, other values as their powers. After a first purchase, where
            BG/NBD knows no dropout, only the increase counts.
        late_odds_ratio: Factor on the dropout odds at a purchase that is delivered late.
        bad_review_odds_ratio: Factor on the dropout odds at a purchase reviewed with one or two stars.
        late_share: Share of purchases that arrive after the promised day.
        growth_per_year: Relative growth of new customers from year to year; 0.5 means half more.
    """

    customers: int
    seed: int
    start: datetime.date = datetime.date(2015, 9, 1)
    end: datetime.date = datetime.date(2018, 8, 31)
    r: float = 0.065
    alpha: float = 180.0
    a: float = 1.5
    b: float = 4.0
    p: float = 4.0
    q: float = 3.2
    gamma: float = 88.0
    covariate_strength: float = 1.0
    late_odds_ratio: float = 12.0
    bad_review_odds_ratio: float = 20.0
    late_share: float = 0.08
    growth_per_year: float = 0.5

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ValueError: A value lies outside its domain; the message names the setting and the value.
        """
        self._check_whole_numbers()
        self._check_dates()
        for name in ("r", "alpha", "a", "b", "p", "gamma", "late_odds_ratio", "bad_review_odds_ratio"):
            self._require(name, "must be a finite number above 0", lambda value: value > 0)
        self._require("q", "must be above 1, or the mean purchase is infinite", lambda value: value > 1)
        self._require("covariate_strength", "must be a finite number, 0 or more", lambda value: value >= 0)
        self._require("late_share", "must lie between 0 and 0.3", lambda value: 0 <= value <= 0.3)
        self._require("growth_per_year", "must be above -1 and at most 10", lambda value: -1 < value <= 10)

    @property
    def days(self) -> int:
        """Length of the data in days, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def start_s(self) -> int:
        """First instant of the data, in seconds since 1970 (naive local time)."""
        return (self.start - datetime.date(1970, 1, 1)).days * 86_400

    @property
    def end_s(self) -> int:
        """First instant after the data, in seconds since 1970 (naive local time)."""
        return self.start_s + self.days * 86_400

    def _check_whole_numbers(self) -> None:
        for name, least in (("customers", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number, {least} or more; got {value!r}")

    def _check_dates(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
                raise ValueError(f"{name} must be a date without a time; got {value!r}")
        if self.end <= self.start:
            raise ValueError(f"end must lie after start; got start {self.start} and end {self.end}")

    def _require(self, name: str, rule: str, holds: Callable[[float], bool]) -> None:
        value = getattr(self, name)
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not holds(value):
            raise ValueError(f"{name} {rule}; got {value!r}")


SAMPLE = SimulationConfig(customers=20_000, seed=20180831)
"""The embedded sample shop."""
