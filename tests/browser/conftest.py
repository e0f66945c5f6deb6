"""A served dashboard, a browser and the facts to compare with, for the tests of this folder.

Stays out: making the published snapshot (the fixture `published`).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from dashboard import snapshot
from dashboard.app import create_app
from dashboard.serve import server
from dashboard.settings import Settings

STARTUP_SECONDS = 20.0


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(published: Path, **settings: Any) -> Iterator[str]:
    """Serve the dashboard over `published` in a thread; gives its address."""
    port = free_port()
    app = create_app(Settings(home=published.parent, _env_file=None, **settings))
    served = server(app, "127.0.0.1", port, log_level="warning")
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + STARTUP_SECONDS
    while not served.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError(f"the dashboard did not start on port {port} within {STARTUP_SECONDS:.0f} s")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        served.should_exit = True
        thread.join(STARTUP_SECONDS)


def launch(playwright: Playwright) -> Browser:
    """The machine's Chromium, else Playwright's own; an error that says what to do where there is neither."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    try:
        return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    except Error as error:
        raise RuntimeError(
            "no browser for the tests: install Chromium (Debian: `apt-get install chromium`) "
            f"or run `playwright install chromium`. {error}"
        ) from error


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def serve() -> Serve:
    """Serves another published folder for the length of a block: `serve(folder, dashboard_users=...)`."""
    return serving


@pytest.fixture(scope="session")
def address(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a copy: other tests of this process open the original with other settings."""
    copy = tmp_path_factory.mktemp("served") / published.name
    with serving(shutil.copytree(published, copy)) as url:
        yield url


def newest_folder(published: Path) -> Path:
    """The folder of the snapshot that the pointer names."""
    return published / json.loads((published / snapshot.POINTER).read_text(encoding="utf-8"))["snapshot_id"]


@pytest.fixture(scope="session")
def newest() -> Callable[[Path], Path]:
    """Gives the folder of the newest snapshot of a published folder: `newest(published)`."""
    return newest_folder


@pytest.fixture(scope="session")
def publish_again() -> Callable[[Path], str]:
    """Publishes a copy of the newest snapshot under another id, which it returns: `publish_again(published)`."""

    def publish(published: Path) -> str:
        before = newest_folder(published)
        after = shutil.copytree(before, before.with_name(f"{before.name[:-12]}bbbbbbbbbbbb"))
        manifest = json.loads((after / snapshot.MANIFEST).read_text(encoding="utf-8"))
        (after / snapshot.MANIFEST).write_text(
            json.dumps(manifest | {"snapshot_id": after.name}), encoding="utf-8"
        )
        (published / "pointer.new").write_text(json.dumps({"snapshot_id": after.name}), encoding="utf-8")
        (published / "pointer.new").replace(published / snapshot.POINTER)
        return after.name

    return publish


@pytest.fixture(scope="session")
def facts(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a copy of the snapshot; the served file is open in this process with other settings."""
    copy = shutil.copy(newest_folder(published) / snapshot.DATABASE, tmp_path_factory.mktemp("facts"))
    with duckdb.connect(str(copy), read_only=True) as connection:
        yield connection


def most_regular(connection: duckdb.DuckDBPyConnection) -> str:
    """The customer with the most orders."""
    row = connection.execute(
        "SELECT customer_unique_id FROM customers ORDER BY order_count DESC, customer_unique_id LIMIT 1"
    ).fetchone()
    assert row
    return row[0]


@pytest.fixture(scope="session")
def regular(facts: duckdb.DuckDBPyConnection) -> str:
    """The customer with the most orders: purchases, scores and reasons to show."""
    return most_regular(facts)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: console errors, refused content, failed scripts."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " event => console.error(`refused ${event.violatedDirective} in ${event.sourceFile}`))"
    )
    yield page
    context.close()
