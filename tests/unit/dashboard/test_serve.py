"""What the process that serves does before the first request."""

from __future__ import annotations

import gc
import subprocess
import sys

from fastapi.testclient import TestClient

from dashboard import serve
from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.templating import TEMPLATES, Templates

SETTLE = """
import gc, sys
from pathlib import Path
from dashboard.app import create_app
from dashboard.serve import settle
from dashboard.settings import Settings

settle(create_app(Settings(home=Path(sys.argv[1]), _env_file=None), Path(sys.argv[2])))
print(gc.get_freeze_count() > 50_000, len(gc.get_objects()) < gc.get_freeze_count() / 10)
"""


def test_what_stays_for_good_is_spared_the_collector(tmp_path, built) -> None:
    command = [sys.executable, "-W", "ignore", "-c", SETTLE, str(tmp_path), str(built)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_what_is_published_is_read_before_the_first_request_and_what_comes_later_before_it_is_shown(
    tmp_path, built, publish, rows, monkeypatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(serve, "read_ahead", lambda opened: read.append(opened.manifest.snapshot_id))
    publish(rows)
    app = create_app(Settings(home=tmp_path, _env_file=None), built)
    serve.settle(app)
    gc.unfreeze()  # this process goes on
    assert read == ["2018-08-aaaaaaaaaaaa"]
    publish(rows, "2018-08-bbbbbbbbbbbb")
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/api/v1/healthz").status_code == 200
    assert read == ["2018-08-aaaaaaaaaaaa", "2018-08-bbbbbbbbbbbb"]


def test_every_template_is_loaded_before_it_is_asked_for(tmp_path) -> None:
    templates = Templates(Settings(home=tmp_path, _env_file=None), "/static")
    templates.load()
    loaded = {name for _, name in templates.environment.cache}
    assert loaded == {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
