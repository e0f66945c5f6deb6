"""The products and sellers of the shop, and their files.

Stays out: who buys what.
"""

import dataclasses

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import Bools, Floats, Ints, pick, words
from ml.simulate.categories import CATEGORIES, DEMAND
from ml.simulate.ids import hex_ids
from ml.simulate.places import Places

_FEWEST_PRODUCTS, _MOST_PRODUCTS, _CUSTOMERS_PER_PRODUCT = 300, 50_000, 3
_FEWEST_SELLERS, _MOST_SELLERS, _CUSTOMERS_PER_SELLER = 40, 5_000, 31
_NO_CATEGORY_SHARE, _NO_SIZE_SHARE = 0.0185, 0.0003
_LOG_PRICE_MEAN, _LOG_PRICE_SPREAD, _RANK_NOISE = 4.4, 0.5, 0.15


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """Products ordered by category and, within it, from cheap to dear.

    Attributes:
        product_id: Ids, shape ``(products,)``.
        seller_id: Ids, shape ``(sellers,)``.
        seller_of: Who sells each product, shape ``(products,)``.
        seller_place: Where each seller is, shape ``(sellers,)``.
        first_of: First product of each category, then the number of products, shape ``(categories + 1,)``.
    """

    product_id: pa.Array
    seller_id: pa.Array
    seller_of: Ints
    seller_place: Ints
    first_of: Ints

    def choose(self, rng: np.random.Generator, category: Ints, price_brl: Floats) -> Ints:
        """Choose a product of the category about where the price ranks, shape ``(items,)``."""
        rank = 1.0 / (1.0 + np.exp(-(np.log(price_brl) - _LOG_PRICE_MEAN) / _LOG_PRICE_SPREAD))
        rank = np.clip(rank + rng.normal(0.0, _RANK_NOISE, rank.size), 0.0, 1.0 - 1e-9)
        first, past = self.first_of[category], self.first_of[category + 1]
        return first + np.floor(rank * (past - first)).astype(np.int64)


def make_catalogue(rng: np.random.Generator, places: Places, customers: int, seed: int) -> Catalogue:
    """Lay out the products and sellers of a shop of this many customers."""
    products = int(np.clip(customers // _CUSTOMERS_PER_PRODUCT, _FEWEST_PRODUCTS, _MOST_PRODUCTS))
    sellers = int(np.clip(customers // _CUSTOMERS_PER_SELLER, _FEWEST_SELLERS, _MOST_SELLERS))
    demand = np.array(DEMAND)
    sizes = np.maximum(1, np.rint(products * demand / demand.sum())).astype(np.int64)
    popularity = rng.lognormal(0.0, 1.2, sellers)
    return Catalogue(
        product_id=hex_ids(seed, "product", np.arange(sizes.sum())),
        seller_id=hex_ids(seed, "seller", np.arange(sellers)),
        seller_of=pick(rng, popularity, int(sizes.sum())),
        seller_place=places.draw(rng, sellers),
        first_of=np.append(0, np.cumsum(sizes)),
    )


def products_table(rng: np.random.Generator, catalogue: Catalogue) -> pa.Table:
    """Make the products file, with some products that have no category, texts or sizes."""
    count = len(catalogue.product_id)
    category = np.repeat(np.arange(len(CATEGORIES)), np.diff(catalogue.first_of))
    is_bare = rng.random(count) < _NO_CATEGORY_SHARE
    is_unmeasured = rng.random(count) < _NO_SIZE_SHARE
    names = pa.array([name for name, _ in CATEGORIES])
    return pa.table(
        {
            "product_id": catalogue.product_id,
            "product_category_name": words(names, np.where(is_bare, -1, category)),
            "product_name_lenght": _whole(rng.normal(49, 9, count), 5, 76, is_bare),
            "product_description_lenght": _whole(rng.lognormal(6.4, 0.65, count), 4, 3990, is_bare),
            "product_photos_qty": _whole(rng.exponential(1.4, count) + 0.6, 1, 20, is_bare),
            "product_weight_g": _whole(rng.lognormal(6.6, 1.2, count), 50, 30_000, is_unmeasured),
            "product_length_cm": _whole(rng.lognormal(3.3, 0.45, count), 7, 105, is_unmeasured),
            "product_height_cm": _whole(rng.lognormal(2.6, 0.65, count), 2, 105, is_unmeasured),
            "product_width_cm": _whole(rng.lognormal(3.0, 0.45, count), 6, 105, is_unmeasured),
        }
    )


def sellers_table(catalogue: Catalogue, places: Places) -> pa.Table:
    """Make the sellers file."""
    place = pa.array(catalogue.seller_place)
    return pa.table(
        {
            "seller_id": catalogue.seller_id,
            "seller_zip_code_prefix": places.prefix.take(place),
            "seller_city": places.city.take(place),
            "seller_state": places.state.take(place),
        }
    )


def translation_table() -> pa.Table:
    """Make the translation file; categories without a translation are not in it."""
    known = [(name, english) for name, english in CATEGORIES if english is not None]
    return pa.table(
        {
            "product_category_name": [name for name, _ in known],
            "product_category_name_english": [english for _, english in known],
        }
    )


def _whole(values: Floats, least: int, most: int, is_missing: Bools) -> pa.Array:
    """Round and clip to whole numbers, null where missing."""
    return pa.array(np.clip(np.rint(values), least, most).astype(np.int64), mask=is_missing)
