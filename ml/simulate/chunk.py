"""One chunk of customers: everything they do, drawn and turned into the rows of the files.

Stays out: the single draws, and writing the files.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ml.simulate.acquisition import draw_first_days
from ml.simulate.arrays import Bools, Floats
from ml.simulate.baskets import items_table, ready_instants
from ml.simulate.catalogue import Catalogue
from ml.simulate.config import HORIZON_DAYS, SimulationConfig
from ml.simulate.experience import make_lateness
from ml.simulate.ids import hex_ids
from ml.simulate.orders import Orders, count_visitors, failed_orders, purchase_orders, shuffle_together
from ml.simulate.payments import BOLETO, draw_main_types, payments_table
from ml.simulate.people import People, demographics_table, draw_birth_days, draw_people
from ml.simulate.places import Places
from ml.simulate.process import PurchaseHistory, draw_dropouts, draw_history, draw_rates
from ml.simulate.reviews import ReviewTexts, reviews_table
from ml.simulate.spend import draw_mean_spends
from ml.simulate.timeline import draw_timeline, orders_table
from ml.simulate.writer import TRUTH_TABLE

_IDS_PER_CHUNK = 1 << 32


@dataclasses.dataclass(frozen=True)
class Shop:
    """The shop that all chunks of customers share.

    Attributes:
        config: Settings.
        places: Where persons and sellers may be.
        catalogue: What is sold.
        texts: What reviews are written with.
        is_used: Places that somebody has, shape ``(places,)``; filled as chunks are drawn.
    """

    config: SimulationConfig
    places: Places
    catalogue: Catalogue
    texts: ReviewTexts
    is_used: Bools


def chunk_tables(
    rng: np.random.Generator, shop: Shop, chunk: int, customers: int
) -> Iterator[tuple[str, pa.Table]]:
    """Draw one chunk of customers with everything they do.

    Args:
        rng: Source of randomness of this chunk alone.
        shop: The shop; the places that get used are noted in it.
        chunk: Number of the chunk, from 0.
        customers: How many persons of the chunk purchase.

    Yields:
        Names of files and the rows to append to them.
    """
    config = shop.config
    visitors = count_visitors(rng, customers)
    unique_id = _ids(config, "person", chunk, customers + visitors)
    people = draw_people(rng, shop.places, unique_id)
    day = draw_first_days(rng, config, customers + visitors)
    mean_spend = draw_mean_spends(rng, config, customers + visitors)
    rate, dropout = draw_rates(rng, config, customers), draw_dropouts(rng, config, customers)
    lateness = make_lateness(config, shop.places.remoteness[people.home[:customers]])
    history = draw_history(rng, config, day[:customers], rate, dropout, lateness)
    bought = purchase_orders(rng, config, people, history, mean_spend)
    failed = failed_orders(rng, config, people, history, day[customers:], mean_spend)
    yield TRUTH_TABLE, _truth_table(unique_id, rate, dropout, history, mean_spend)
    yield "customer_demographics", demographics_table(rng, unique_id, draw_birth_days(rng, config, day))
    yield from _order_tables(rng, shop, chunk, people, shuffle_together(rng, bought, failed))


def _order_tables(
    rng: np.random.Generator, shop: Shop, chunk: int, people: People, orders: Orders
) -> Iterator[tuple[str, pa.Table]]:
    """Make the five files that have rows per order."""
    config, places = shop.config, shop.places
    count = orders.person.size
    shop.is_used[orders.place] = True
    order_id, customer_id = _ids(config, "order", chunk, count), _ids(config, "customer", chunk, count)
    remoteness = places.remoteness[orders.place]
    main_type = draw_main_types(rng, orders)
    timeline = draw_timeline(rng, config, orders, remoteness, main_type == BOLETO)
    full = np.flatnonzero(orders.has_items)
    ready = ready_instants(orders.bought_s, timeline.approved_s)
    yield "olist_customers_dataset", _customers_table(customer_id, people, places, orders)
    yield "olist_orders_dataset", orders_table(order_id, customer_id, orders, timeline)
    yield (
        "olist_order_items_dataset",
        items_table(
            rng,
            shop.catalogue,
            order_id.take(pa.array(full)),
            orders.value_cents[full],
            ready[full],
            remoteness[full],
        ),
    )
    yield "olist_order_payments_dataset", payments_table(rng, order_id, orders.value_cents, main_type)
    reviews = reviews_table(
        rng,
        shop.texts,
        config.seed,
        chunk * _IDS_PER_CHUNK,
        order_id,
        orders,
        timeline,
        config.end_s,
    )
    yield "olist_order_reviews_dataset", reviews


def _ids(config: SimulationConfig, namespace: str, chunk: int, count: int) -> pa.Array:
    return hex_ids(config.seed, namespace, chunk * _IDS_PER_CHUNK + np.arange(count))


def _customers_table(customer_id: pa.Array, people: People, places: Places, orders: Orders) -> pa.Table:
    place = pa.array(orders.place)
    return pa.table(
        {
            "customer_id": customer_id,
            "customer_unique_id": people.unique_id.take(pa.array(orders.person)),
            "customer_zip_code_prefix": places.prefix.take(place),
            "customer_city": places.city.take(place),
            "customer_state": places.state.take(place),
        }
    )


def _truth_table(
    unique_id: pa.Array, rate: Floats, dropout: Floats, history: PurchaseHistory, mean_spend: Floats
) -> pa.Table:
    """Tell what is true of each customer; persons who never purchase are not in it."""
    returns = np.where(history.is_alive, -np.expm1(-HORIZON_DAYS * rate), 0.0)
    return pa.table(
        {
            "customer_unique_id": unique_id.slice(0, rate.size),
            "purchase_rate_per_day": rate,
            "dropout_probability": dropout,
            "is_alive": history.is_alive,
            "mean_spend_brl": mean_spend[: rate.size],
            f"return_probability_{HORIZON_DAYS}d": returns,
        }
    )
