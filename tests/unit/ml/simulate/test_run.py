"""Running a simulation: same files for same settings, all or nothing, three formats."""

import dataclasses
import gzip
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from ml.simulate import FILE_FORMATS, SHOP_TABLES, SimulationConfig, run, simulate

TINY = SimulationConfig(customers=300, seed=3)


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_equal_settings_give_byte_identical_files(tmp_path, file_format):
    simulate(TINY, tmp_path / "one", file_format)
    simulate(TINY, tmp_path / "two", file_format)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert {f"{table}.{file_format}" for table in SHOP_TABLES} < set(contents(tmp_path / "one"))


def test_another_seed_gives_other_files(tmp_path):
    simulate(TINY, tmp_path / "one")
    simulate(dataclasses.replace(TINY, seed=4), tmp_path / "two")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    same = {name for name in one if one[name] == two[name]}
    assert same == {"product_category_name_translation.csv"}


def test_the_three_formats_hold_the_same_rows(tmp_path):
    for file_format in FILE_FORMATS:
        simulate(TINY, tmp_path / file_format, file_format)
    for table in SHOP_TABLES:
        plain = (tmp_path / "csv" / f"{table}.csv").read_bytes()
        assert gzip.decompress((tmp_path / "csv.gz" / f"{table}.csv.gz").read_bytes()) == plain
    orders = pa_parquet.read_table(tmp_path / "parquet" / "olist_orders_dataset.parquet")
    assert (
        orders.num_rows == len((tmp_path / "csv" / "olist_orders_dataset.csv").read_text().splitlines()) - 1
    )
    items = pa_parquet.read_table(tmp_path / "parquet" / "olist_order_items_dataset.parquet")
    assert items.schema.field("price").type == pa.decimal128(10, 2)


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"file_format must be one of csv, csv\.gz, parquet; got 'xlsx'"):
        simulate(TINY, tmp_path / "shop", "xlsx")
    assert not (tmp_path / "shop").exists()


def test_truth_json_tells_all_parameters_and_that_the_shop_is_simulated(tmp_path):
    result = simulate(TINY, tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["simulated"] is True
    assert truth["rows"] == result.rows
    assert set(truth["parameters"]) == {field.name for field in dataclasses.fields(TINY)}
    assert truth["parameters"]["seed"] == 3
    assert truth["parameters"]["end"] == "2018-08-31"


def test_the_truth_about_customers_follows_from_rate_and_dropout(tmp_path):
    simulate(TINY, tmp_path)
    truth = pa_parquet.read_table(tmp_path / "truth_customers.parquet").to_pandas()
    returns = np.where(truth["is_alive"], 1 - np.exp(-180 * truth["purchase_rate_per_day"]), 0)
    assert truth["return_probability_180d"].to_numpy() == pytest.approx(returns)
    assert truth["dropout_probability"].between(0, 1).all()
    assert (truth["mean_spend_brl"] > 0).all()
    assert 0 < truth["is_alive"].mean() < 1


def test_chunks_follow_one_another_without_shared_ids_or_shared_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CHUNK_CUSTOMERS", 100)
    seen = []
    simulate(TINY, tmp_path, progress=lambda done, total: seen.append((done, total)))
    truth = pa_parquet.read_table(tmp_path / "truth_customers.parquet").to_pandas()
    assert seen == [(100, 300), (200, 300), (300, 300)]
    assert truth["customer_unique_id"].is_unique
    assert truth["purchase_rate_per_day"].is_unique


def test_a_simulation_that_is_stopped_leaves_no_file_that_looks_finished(tmp_path):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(TINY, tmp_path, progress=stop)
    assert contents(tmp_path)
    assert all(name.endswith(".partial") for name in contents(tmp_path))


def test_a_new_simulation_replaces_an_earlier_or_stopped_one_of_any_format(tmp_path):
    simulate(TINY, tmp_path / "used", "parquet")
    (tmp_path / "used" / "olist_orders_dataset.csv.gz.partial").write_bytes(b"stopped")
    (tmp_path / "used" / "notes.txt").write_text("not ours")
    simulate(TINY, tmp_path / "used")
    simulate(TINY, tmp_path / "fresh")
    assert set(contents(tmp_path / "used")) == {*contents(tmp_path / "fresh"), "notes.txt"}


def test_a_shop_of_one_customer_and_two_days_can_be_simulated(tmp_path):
    config = SimulationConfig(customers=1, seed=0, start=TINY.end.replace(day=30), end=TINY.end)
    assert simulate(config, tmp_path).rows["truth_customers"] == 1
