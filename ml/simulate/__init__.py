"""A simulated shop in the files of the Olist data set, whose truth is known.

Stays out: reading the files back, and any use of them.
"""

from ml.simulate.config import HORIZON_DAYS, SAMPLE, SimulationConfig
from ml.simulate.run import SimulationResult, simulate
from ml.simulate.writer import FILE_FORMATS, SHOP_TABLES, TRUTH_FILE, TRUTH_TABLE

__all__ = [
    "FILE_FORMATS",
    "HORIZON_DAYS",
    "SAMPLE",
    "SHOP_TABLES",
    "TRUTH_FILE",
    "TRUTH_TABLE",
    "SimulationConfig",
    "SimulationResult",
    "simulate",
]
