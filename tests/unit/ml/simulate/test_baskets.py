"""Item sums equal the drawn purchase values to the cent."""

import numpy as np
import pyarrow.compute as pc

from ml.simulate.baskets import items_table
from ml.simulate.catalogue import make_catalogue
from ml.simulate.ids import hex_ids
from ml.simulate.places import make_places


def test_price_and_freight_of_an_orders_items_add_up_to_its_value_to_the_cent():
    rng = np.random.default_rng(5)
    catalogue = make_catalogue(rng, make_places(rng, 1_000), 1_000, seed=5)
    order_id = hex_ids(5, "order", np.arange(20_000))
    value = rng.integers(100, 500_000, 20_000)
    items = items_table(rng, catalogue, order_id, value, np.zeros(20_000, dtype=np.int64), np.ones(20_000))
    items = items.append_column("gross", pc.add(items["price"], items["freight_value"]))
    sums = items.group_by("order_id", use_threads=False).aggregate([("gross", "sum")])
    found = dict(zip(sums["order_id"].to_pylist(), sums["gross_sum"].to_pylist(), strict=True))
    assert [int(found[key] * 100) for key in order_id.to_pylist()] == value.tolist()
