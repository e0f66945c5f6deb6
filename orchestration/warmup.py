"""Import the heavy packages and make the model store while the source files are being read.

Stays out: anything a run depends on; each step imports what it needs, this only makes it quick.
"""

from __future__ import annotations

import threading

from orchestration.settings import Settings


def warm_up(settings: Settings) -> threading.Thread:
    """Begin in the background; ends on its own, and with the process."""
    thread = threading.Thread(target=_prepare, args=(settings,), name="warm-up", daemon=True)
    thread.start()
    return thread


def _prepare(settings: Settings) -> None:
    from assets.expectations import prepare_validation

    prepare_validation()
    from orchestration.build import build_resources

    build_resources(settings)["tracking"].client()
    import catboost  # noqa: F401
    import matplotlib.figure  # noqa: F401
    import mlflow.catboost
    import mlflow.pyfunc  # noqa: F401

    import ml.clv.training  # noqa: F401
