"""The places of the shop: zip prefixes with city, state and coordinates, and the geolocation file.

Stays out: who lives there.
"""

import dataclasses

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import Bools, Floats, Ints, pick
from ml.simulate.geography import SMALL_TOWNS, STATES, State, without_accents

_FEWEST_PREFIXES, _MOST_PREFIXES, _CUSTOMERS_PER_PREFIX = 400, 15_000, 6
_SMALL_TOWN_SHARE = 0.35
_CITY_SPREAD_DEG, _PREFIX_SPREAD_DEG, _POINT_SPREAD_DEG = 0.9, 0.05, 0.01
_MEAN_DISTINCT_POINTS, _COPIES_PER_POINT = 7.5, 0.33
_UNMAPPED_SHARE, _ABROAD_SHARE, _ACCENTED_SHARE = 0.01, 0.0005, 0.2
_ABROAD_DEG = (41.15, -8.61)


@dataclasses.dataclass(frozen=True)
class Places:
    """All zip prefixes of the shop, one row each.

    Attributes:
        prefix: Five digits with leading zeros.
        city: Name as written in the customers file, without accents.
        accented_city: The same name with its accents.
        state: Two letters.
        latitude: In degrees, shape ``(places,)``.
        longitude: In degrees, shape ``(places,)``.
        weight: Relative number of customers, shape ``(places,)``.
        remoteness: Travel time and risk of delay relative to the average customer, shape ``(places,)``.
    """

    prefix: pa.Array
    city: pa.Array
    accented_city: pa.Array
    state: pa.Array
    latitude: Floats
    longitude: Floats
    weight: Floats
    remoteness: Floats

    def draw(self, rng: np.random.Generator, size: int) -> Ints:
        """Draw where persons live, shape ``(size,)``."""
        return pick(rng, self.weight, size)


def make_places(rng: np.random.Generator, customers: int) -> Places:
    """Lay out the zip prefixes of a shop of this many customers."""
    wanted = int(np.clip(customers // _CUSTOMERS_PER_PREFIX, _FEWEST_PREFIXES, _MOST_PREFIXES))
    total = sum(state.weight for state in STATES)
    parts = [_lay_out_state(rng, state, max(3, round(wanted * state.weight / total))) for state in STATES]
    prefix, city, latitude, longitude, weight = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    owner = np.repeat(np.arange(len(STATES)), [part[0].size for part in parts])
    remoteness = np.array([state.remoteness for state in STATES])[owner]
    return Places(
        prefix=pa.array([f"{number:05d}" for number in prefix]),
        city=pa.array([without_accents(name) for name in city]),
        accented_city=pa.array(city.tolist()),
        state=pa.array([state.code for state in STATES]).take(pa.array(owner)),
        latitude=latitude,
        longitude=longitude,
        weight=weight,
        remoteness=remoteness / np.average(remoteness, weights=weight),
    )


def _lay_out_state(rng: np.random.Generator, state: State, wanted: int) -> tuple[np.ndarray, ...]:
    """Draw a state's prefixes with city, latitude, longitude and weight (which sum to the state's)."""
    span = state.zip_last - state.zip_first + 1
    prefix = np.sort(rng.choice(span, min(wanted, span), replace=False)) + state.zip_first
    names = np.array(state.cities + SMALL_TOWNS, dtype=object)
    large, small = len(state.cities), len(SMALL_TOWNS)
    sizes = (1 - _SMALL_TOWN_SHARE) / np.arange(1, large + 1) / np.sum(1 / np.arange(1, large + 1))
    city = np.sort(pick(rng, np.append(sizes, np.full(small, _SMALL_TOWN_SHARE / small)), prefix.size))
    offset = rng.normal(0.0, _CITY_SPREAD_DEG, (2, names.size))
    offset[:, 0] = 0.0
    own = rng.normal(0.0, _PREFIX_SPREAD_DEG, (2, prefix.size))
    popularity = rng.lognormal(0.0, 0.7, prefix.size)
    return (
        prefix,
        names[city],
        state.latitude + offset[0, city] + own[0],
        state.longitude + offset[1, city] + own[1],
        state.weight * popularity / popularity.sum(),
    )


def geolocation_table(rng: np.random.Generator, places: Places, is_used: Bools) -> pa.Table:
    """Make the geolocation file of the used prefixes, with the faults of the original.

    About ten rows a prefix, a quarter of them exact copies; one prefix in a hundred has none; a few points
    lie outside Brazil; some rows spell the city with accents.

    Args:
        rng: Source of randomness.
        places: All prefixes.
        is_used: Which of them a customer or seller has, shape ``(places,)``.
    """
    used = np.flatnonzero(is_used)
    mapped = used[rng.random(used.size) >= _UNMAPPED_SHARE] if used.size > 1 else used
    distinct = np.repeat(mapped, 1 + rng.poisson(_MEAN_DISTINCT_POINTS - 1, mapped.size))
    copies = rng.integers(0, distinct.size, int(distinct.size * _COPIES_PER_POINT))
    row = np.concatenate([np.arange(distinct.size), copies])
    row = row[np.argsort(distinct[row], kind="stable")]
    latitude, longitude = _scatter(rng, places, distinct)
    city = _spell(rng, places, distinct)
    place = pa.array(distinct[row])
    return pa.table(
        {
            "geolocation_zip_code_prefix": places.prefix.take(place),
            "geolocation_lat": latitude[row],
            "geolocation_lng": longitude[row],
            "geolocation_city": city.take(pa.array(row)),
            "geolocation_state": places.state.take(place),
        }
    )


def _scatter(rng: np.random.Generator, places: Places, place: Ints) -> tuple[Floats, Floats]:
    """Scatter points around their prefixes; put a few of them abroad."""
    noise = rng.normal(0.0, _POINT_SPREAD_DEG, (2, place.size))
    is_abroad = rng.random(place.size) < _ABROAD_SHARE
    latitude = np.where(is_abroad, _ABROAD_DEG[0], places.latitude[place]) + noise[0]
    longitude = np.where(is_abroad, _ABROAD_DEG[1], places.longitude[place]) + noise[1]
    return latitude, longitude


def _spell(rng: np.random.Generator, places: Places, place: Ints) -> pa.Array:
    """Name the city of each point, sometimes with its accents."""
    spellings = pa.concat_arrays([places.city, places.accented_city])
    is_accented = rng.random(place.size) < _ACCENTED_SHARE
    return spellings.take(pa.array(place + is_accented * len(places.city)))
