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
models_app = typer.Typer(invoke_without_command=True, rich_markup_mode="rich")
app.add_typer(models_app, name="models")
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


@app.command("dashboard-password")
def dashboard_password(
    name: Annotated[str, typer.Argument(help="The name to sign in with: letters, digits and .@+-_")],
    password: Annotated[
        str,
        typer.Option(
            "--password",
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            help="Asked for; give it here only where a shell's history does not matter.",
        ),
    ],
) -> None:
    """Make the lines of .env that let a user sign in to the dashboard (CRM_DASHBOARD_USERS, CRM_DASHBOARD_SECRET).

    The password is hashed by scrypt and kept nowhere. A dashboard that others can reach needs a login.
    """
    from orchestration.commands import show_password_line

    _finish(show_password_line(_console, _errors, name, password))


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


@app.command()
def tune(
    trials: Annotated[
        int | None, typer.Option(min=1, help="How many trials in all. Default: CRM_TUNE_TRIALS.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="How long at most. Default: CRM_TUNE_MINUTES.")
    ] = None,
) -> None:
    """Search for a better churn model on the newest month, and enter the best one as a challenger.

    Trials over model classes, parameters and feature groups never look at the validation cutoff, on which the gate then
    compares the best with the champion. Interrupted with Ctrl-C or killed, the same command goes on where it was.
    """
    from orchestration.commands import guarded
    from orchestration.tune import tune as search

    _finish(guarded(_errors, lambda: search(_console, trials, minutes)))


@models_app.callback()
def models(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(help="One model: cltv_model or churn_model.")] = None,
    superseded: Annotated[
        bool, typer.Option("--superseded", help="With versions that a later fit of the same night replaced.")
    ] = False,
) -> None:
    """List the model versions with figures, decisions and aliases; promote one by hand, or roll back.

    The alias champion serves, challenger was held back by the gate. Moving an alias in MLflow's UI does the same.
    """
    if context.invoked_subcommand is not None:
        return
    from orchestration.commands import guarded
    from orchestration.models import list_models

    _finish(guarded(_errors, lambda: list_models(_console, name, superseded)))


@models_app.command()
def promote(
    name: Annotated[str, typer.Argument(help="cltv_model or churn_model.")],
    version: Annotated[str, typer.Argument(help="The version's number, as crm models lists it.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")] = "",
) -> None:
    """Make a version the champion, whatever the gate said of it. The next run scores with it."""
    from orchestration.commands import guarded
    from orchestration.models import promote as promote_version

    _finish(guarded(_errors, lambda: promote_version(_console, name, version, reason)))


@models_app.command()
def rollback(
    name: Annotated[str, typer.Argument(help="cltv_model or churn_model.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")] = "",
) -> None:
    """Make the version that served before the champion the champion again. The next run scores with it."""
    from orchestration.commands import guarded
    from orchestration.models import roll_back

    _finish(guarded(_errors, lambda: roll_back(_console, name, reason)))


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
