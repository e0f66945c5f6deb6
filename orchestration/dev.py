"""Dagster's UI, MLflow's UI and the dashboard together, ended by one Ctrl-C.

Stays out: what each of them is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from orchestration.instance import prepare_home
from orchestration.resources import build_resources
from orchestration.settings import Settings, load_settings

_BIN = Path(sys.executable).parent
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class _Service:
    name: str
    url: str
    command: list[str]


def run_all(console: Console) -> int:
    """Start all three and wait; when one ends or Ctrl-C comes, end the others. 1 if one failed on its own."""
    settings = load_settings()
    prepare_home(settings)
    build_resources(settings)["tracking"].client()
    services = _services(settings)
    urls = {f"CRM_{service.name.upper()}_URL": service.url for service in services[:2]}
    environment = {**urls, **os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    processes = [
        subprocess.Popen(service.command, start_new_session=True, env=environment) for service in services
    ]
    for service in services:
        console.print(f"[bold]{service.name:<12}[/] {service.url}")
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.3)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _end(processes)


def _services(settings: Settings) -> list[_Service]:
    workspace = str(_ROOT / "workspace.yaml")
    return [
        _Service(
            "Dagster", "http://localhost:3000", [str(_BIN / "dagster"), "dev", "-w", workspace, "-p", "3000"]
        ),
        _Service(
            "MLflow",
            "http://localhost:5000",
            [
                *(str(_BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", "5000", "--workers", "1"),
                *("--backend-store-uri", f"sqlite:///{settings.mlflow_path}"),
                *("--default-artifact-root", settings.artifacts_path.as_uri()),
            ],
        ),
        _Service("Dashboard", "http://localhost:8000", [str(_BIN / "crm"), "serve"]),
    ]


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each group of processes to end, and after ten seconds make it."""
    for sign, patience in ((signal.SIGINT, 10.0), (signal.SIGKILL, 5.0)):
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, sign)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and any(process.poll() is None for process in processes):
            time.sleep(0.1)
