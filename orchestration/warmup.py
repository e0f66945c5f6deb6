"""Import the heavy packages and make the model store while the source files are being read.

Stays out: anything a run depends on; each step imports what it needs, this only makes it quick.
"""

from __future__ import annotations

import threading

from assets.validator import validator
from orchestration.settings import Settings


def warm_up(settings: Settings, run_has_begun: threading.Event) -> threading.Thread:
    """Begin in the background; ends on its own, and with the process.

    Starting a run is Python's work as imports are, so these wait until the engine reads the files. MLflow and Dagster
    both make their databases with Alembic, which serves one thread at a time: the model store is made when Dagster's
    databases of the run are there. SQLAlchemy, which both use, looks at its object-relational part as soon as a thread
    has begun to import it, so that is imported before there are two threads.
    """
    import sqlalchemy.orm  # noqa: F401

    validator()
    thread = threading.Thread(target=_prepare, args=(settings, run_has_begun), name="warm-up", daemon=True)
    thread.start()
    return thread


def _prepare(settings: Settings, run_has_begun: threading.Event) -> None:
    run_has_begun.wait()
    import catboost  # noqa: F401
    import mlflow.pyfunc  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    import ml.churn.training
    import ml.clv.figures
    import ml.clv.training  # noqa: F401
    from ml.plots import new_figure, to_png
    from orchestration.resources import build_resources

    warn_dependency_requirement_mismatches(["catboost"])  # MLflow looks through all packages once
    to_png(new_figure("", "", "")[0])  # fonts are read for the first figure
    build_resources(settings)["tracking"].client()
