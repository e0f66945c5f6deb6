"""Ids look like Olist's, never repeat, and depend on the seed and the kind."""

import numpy as np

from ml.simulate.ids import hex_ids


def test_ids_are_32_hexadecimal_digits():
    ids = hex_ids(1, "order", np.arange(1_000)).to_pylist()
    assert all(len(text) == 32 and set(text) <= set("0123456789abcdef") for text in ids)


def test_ids_of_different_counters_differ():
    counters = np.concatenate([np.arange(100_000), (1 << 32) + np.arange(100_000)])
    assert len(hex_ids(1, "order", counters).unique()) == counters.size


def test_ids_depend_on_seed_and_kind_but_not_on_their_neighbours():
    one = hex_ids(1, "order", np.array([5]))[0]
    assert hex_ids(1, "order", np.array([9, 5]))[1] == one
    assert hex_ids(2, "order", np.array([5]))[0] != one
    assert hex_ids(1, "customer", np.array([5]))[0] != one
