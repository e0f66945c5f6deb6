"""Running a simulation: the shop first, then its customers chunk by chunk, then the places they used.

Stays out: what a chunk consists of, the draws themselves, and the format of the files.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ml.simulate.catalogue import make_catalogue, products_table, sellers_table, translation_table
from ml.simulate.chunk import Shop, chunk_tables
from ml.simulate.config import HORIZON_DAYS, SimulationConfig
from ml.simulate.places import geolocation_table, make_places
from ml.simulate.reviews import make_texts
from ml.simulate.writer import FileSet

CHUNK_CUSTOMERS = 50_000
_SHOP, _CHUNK, _GEOLOCATION = range(3)


@dataclasses.dataclass(frozen=True)
class SimulationResult:
    """What a simulation has written.

    Attributes:
        out: The folder.
        file_format: ``csv``, ``csv.gz`` or ``parquet``.
        rows: Rows by file name without its ending.
    """

    out: pathlib.Path
    file_format: str
    rows: Mapping[str, int]


def simulate(
    config: SimulationConfig,
    out: pathlib.Path,
    file_format: str = "csv",
    progress: Callable[[int, int], None] | None = None,
) -> SimulationResult:
    """Write a simulated shop, whose truth is known, in the files of the Olist data set.

    Besides the nine files: ``customer_demographics``, ``truth_customers.parquet`` and ``truth.json``. The
    last is written when everything else is complete. Equal settings give byte-identical files. Memory does
    not grow with the number of customers.

    Args:
        config: Settings.
        out: Folder to write to; made if missing. Files of an earlier simulation in it are replaced.
        file_format: ``csv``, ``csv.gz`` or ``parquet``.
        progress: Called after each chunk with the customers done and their total.

    Returns:
        The rows written, by file.

    Raises:
        ValueError: The format is unknown.
        OSError: The folder cannot be written.
    """
    with FileSet(out, file_format) as files:
        shop = _open_shop(config, files)
        for first in range(0, config.customers, CHUNK_CUSTOMERS):
            chunk, size = first // CHUNK_CUSTOMERS, min(CHUNK_CUSTOMERS, config.customers - first)
            for name, table in chunk_tables(_generator(config, _CHUNK, chunk), shop, chunk, size):
                files.write(name, table)
            if progress is not None:
                progress(first + size, config.customers)
        points = geolocation_table(_generator(config, _GEOLOCATION), shop.places, shop.is_used)
        files.write("olist_geolocation_dataset", points)
        files.publish(_truth(config, file_format, files.rows))
    return SimulationResult(out, file_format, dict(files.rows))


def _generator(config: SimulationConfig, purpose: int, number: int = 0) -> np.random.Generator:
    return np.random.default_rng([config.seed, purpose, number])


def _open_shop(config: SimulationConfig, files: FileSet) -> Shop:
    """Lay out places, products and sellers, and write the files of the last two."""
    rng = _generator(config, _SHOP)
    places = make_places(rng, config.customers)
    catalogue = make_catalogue(rng, places, config.customers, config.seed)
    shop = Shop(config, places, catalogue, make_texts(), np.zeros(len(places.prefix), dtype=bool))
    shop.is_used[catalogue.seller_place] = True
    files.write("olist_products_dataset", products_table(rng, catalogue))
    files.write("olist_sellers_dataset", sellers_table(catalogue, places))
    files.write("product_category_name_translation", translation_table())
    return shop


def _truth(config: SimulationConfig, file_format: str, rows: Mapping[str, int]) -> dict[str, Any]:
    parameters = dataclasses.asdict(config)
    parameters |= {"start": config.start.isoformat(), "end": config.end.isoformat()}
    return {
        "simulated": True,
        "file_format": file_format,
        "horizon_days": HORIZON_DAYS,
        "parameters": parameters,
        "rows": dict(sorted(rows.items())),
    }
