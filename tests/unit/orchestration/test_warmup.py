"""The warm-up makes the model store, but not while Dagster makes its own databases."""

from __future__ import annotations

import threading

from orchestration.warmup import warm_up

PATIENCE_SECONDS = 60.0


def test_the_model_store_is_made_once_the_run_has_begun_and_not_before(settings) -> None:
    made, has_begun = settings(), threading.Event()
    thread = warm_up(made, has_begun)
    thread.join(3)
    assert thread.is_alive()
    assert not made.mlflow_path.exists()

    has_begun.set()
    thread.join(PATIENCE_SECONDS)

    assert not thread.is_alive()
    assert made.mlflow_path.exists()
