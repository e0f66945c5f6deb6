"""One month and the whole history on the real data, whole processes, beside the plain script that users write.

Stays out: the simulated sample (`sample`). Without the real data this benchmark says so and measures nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SHARED = ROOT.parent / "shared"
REPEATS = 3


def run() -> list[tuple[str, str]]:
    """Medians of cold processes with a CRM_HOME of their own; checks, MLflow and publishing included."""
    source, script = SHARED / "data" / "olist", SHARED / "bench" / "plain_script.py"
    if not source.exists() or not script.exists():
        return [("one month on the real data", f"not measured: nothing at {SHARED}")]
    plain, month = [], []
    for _ in range(REPEATS):
        plain.append(_plain(script, source))
        month.append(_crm(source, "--month", "2018-08"))
    history = _crm(source, "--history")
    plain_s, month_s = statistics.median(plain), statistics.median(seconds for seconds, _ in month)
    peak = max(mib for _, mib in [*month, history])
    return [
        ("plain script on the real data, whole process", f"{plain_s:.1f} s"),
        ("one month on the real data, whole process", f"{month_s:.1f} s"),
        ("one month, ratio to the plain script", f"{month_s / plain_s:.2f}"),
        ("history of 20 months, whole process", f"{history[0]:.1f} s"),
        ("history, ratio to one month", f"{history[0] / month_s:.2f}"),
        ("peak memory of month and history, all processes", f"{peak:.0f} MiB"),
    ]


def _plain(script: Path, source: Path) -> float:
    with tempfile.TemporaryDirectory() as out:
        started = time.perf_counter()
        subprocess.run([sys.executable, str(script), str(source), out], check=True, capture_output=True)
        return time.perf_counter() - started


def _crm(source: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak MiB of `crm run` in a fresh CRM_HOME, with the processes that it begins."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CRM_HOME": home}
        command = [sys.executable, "-m", "orchestration.cli", "run", "--source", str(source), *arguments]
        started, highest, peak = time.perf_counter(), 0.0, 0.0
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            resident = _memory_mib(process.pid, "status", "VmRSS:")
            if resident > highest:
                highest, peak = resident, max(peak, _memory_mib(process.pid, "smaps_rollup", "Pss:"))
            time.sleep(0.1)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return time.perf_counter() - started, peak


def _memory_mib(pid: int, file: str, field: str) -> float:
    """A field of memory of a process and its children now.

    Resident memory (`VmRSS`) counts the libraries that processes share once in each of them, over 100 MiB too much.
    The proportional share (`Pss`) counts them once, but reading it walks through all pages, so it is read only where
    resident memory is higher than before. Other programs with the same libraries open make it too low.
    """
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8").splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return 0.0
    own = sum(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
    return own + sum(_memory_mib(int(child), file, field) for child in children)
