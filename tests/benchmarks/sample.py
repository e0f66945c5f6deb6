"""What `make run` does after set-up: 12 months of the simulated sample, from nothing to a published snapshot.

Stays out: setting up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run() -> list[tuple[str, str]]:
    """Seconds of the whole process, simulation included."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CRM_HOME": home, "CRM_HISTORY_START": "2017-09"}
        command = [sys.executable, "-m", "orchestration.cli", "run", "--source", "sample", "--history"]
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        return [("sample with 12 months of history (make run)", f"{time.perf_counter() - started:.1f} s")]
