"""How long, and in how much memory, a shop of a million customers is simulated.

Stays out: other benchmarks, and printing.
"""

import subprocess
import sys
import tempfile

CUSTOMERS = 1_000_000
_PROGRAM = """
import pathlib, resource, sys, time
started = time.perf_counter()
from ml.simulate import SimulationConfig, simulate
simulate(SimulationConfig(customers=int(sys.argv[1]), seed=1), pathlib.Path(sys.argv[2]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stdout.write(f"{time.perf_counter() - started} {peak / 1024}")
"""


def run() -> list[tuple[str, str]]:
    """Simulate a million customers as CSV in a process of its own.

    Returns:
        Rows of label and value: seconds with imports, and peak resident memory in MiB (as Linux counts it).

    Raises:
        subprocess.CalledProcessError: The simulation failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _PROGRAM, str(CUSTOMERS), folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak_mib = (float(number) for number in done.stdout.split())
    label = f"simulate {CUSTOMERS:,} customers"
    return [(f"{label}, time", f"{seconds:.1f} s"), (f"{label}, peak memory", f"{peak_mib:.0f} MiB")]
