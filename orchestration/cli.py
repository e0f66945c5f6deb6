"""The command line `crm`.

Stays out: what the commands do (`orchestration.run`, `.status`, `.dev`, `dashboard.serve`, `ml.simulate`).
"""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console

DONE, FAILED, BAD_USAGE = 0, 1, 2

app = typer.Typer(
    name="crm",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="A nightly customer-value pipeline for an online shop: from raw orders to a customer base that marketing can "
    "act on. Settings are environment variables with the prefix CRM_, or lines of .env; the README lists them.",
)
_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


@app.command()
def run(
    source: Annotated[
        str | None,
        typer.Option(
            help="What to read: a folder or zip of Olist's files, [bold]kaggle[/] to download them, or "
            "[bold]sample[/] for 20,000 simulated customers. Default: CRM_SOURCE."
        ),
    ] = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Make this snapshot month.")] = None,
    latest: Annotated[
        bool, typer.Option("--latest", help="Make the newest snapshot month (the default).")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Make every month from CRM_HISTORY_START to CRM_HISTORY_END.")
    ] = False,
) -> None:
    """Run the pipeline: read the source, make one month or all, check every table, publish the snapshot.

    The run is an ordinary Dagster run and stands in the run list of Dagster's UI. Repeating it gives the same tables;
    if it is interrupted or fails, the last published snapshot stays, and the same command goes on.
    """
    if sum([month is not None, latest, history]) > 1:
        _refuse("give one of --month, --latest and --history")
    from orchestration.commands import run_pipeline

    _finish(run_pipeline(_console, _errors, source, month, history))


@app.command()
def serve() -> None:
    """Serve the dashboard over the published snapshot (CRM_DASHBOARD_HOST, CRM_DASHBOARD_PORT; localhost:8000)."""
    from orchestration.commands import run_dashboard

    _finish(run_dashboard(_errors))


@app.command()
def dev() -> None:
    """Start Dagster's UI (3000), MLflow's UI (5000) and the dashboard (8000); Ctrl-C ends all three."""
    from orchestration.commands import guarded
    from orchestration.dev import run_all

    _finish(guarded(_errors, lambda: run_all(_console)))


@app.command()
def simulate(
    customers: Annotated[int, typer.Option(min=1, help="How many customers.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 20180831,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("simulated"),
    file_format: Annotated[
        Literal["csv", "csv.gz", "parquet"], typer.Option("--format", help="How the files are written.")
    ] = "csv",
) -> None:
    """Write a simulated shop in Olist's files, with the truth behind it (truth.json, truth_customers.parquet).

    Customers buy by a BG/NBD process and spend by Gamma-Gamma; late deliveries and bad reviews drive them away.
    """
    from orchestration.commands import run_simulation

    _finish(run_simulation(_console, _errors, customers, seed, out, file_format))


@app.command()
def status() -> None:
    """Show the published snapshot, the months in the warehouse with their rows and money, and the model versions."""
    from orchestration.commands import guarded
    from orchestration.status import show_status

    _finish(guarded(_errors, lambda: show_status(_console)))


def main() -> None:
    """The console script."""
    try:
        app()
    except KeyboardInterrupt:
        _errors.print("interrupted; the last published snapshot stays, and the same command goes on")
        _leave(FAILED)
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else FAILED)


def _leave(code: int) -> NoReturn:
    """End after the exit handlers, without freeing a run's objects one by one, which takes over a second."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _refuse(message: str) -> NoReturn:
    _errors.print(f"[red]crm:[/] {message}")
    raise typer.Exit(BAD_USAGE)


def _finish(code: int) -> NoReturn:
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
