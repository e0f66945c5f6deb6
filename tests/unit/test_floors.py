"""The floors of the house: who may import whom, and what the floor of statistics must not touch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("orchestration", "assets", "ml", "dashboard")
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "Timestamp.now",
    "Timestamp.today",
    "Timestamp.utcnow",
}
MAY_READ_SETTINGS = {"orchestration/settings.py", "dashboard/settings.py"}


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute, its last two parts at most."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts[:2]))


def clock_reads(tree: ast.Module) -> list[str]:
    found = [dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return [name for name in [*found, *imported] if name in CLOCKS]


def environment_reads(tree: ast.Module) -> list[int]:
    """Lines that read a variable of the environment: os.environ[...], os.environ.get, os.getenv, `in os.environ`."""
    lines = []
    for node in ast.walk(tree):
        is_environ = isinstance(node, ast.Attribute) and dotted(node) == "os.environ"
        is_getenv = isinstance(node, ast.Attribute) and dotted(node) in ("os.getenv", "environ.get")
        if isinstance(node, ast.Subscript) and dotted(node.value) == "os.environ":
            if isinstance(node.ctx, ast.Load):
                lines.append(node.lineno)
        elif is_getenv or (is_environ and _is_compared(tree, node)):
            lines.append(node.lineno)
    return lines


def _is_compared(tree: ast.Module, node: ast.AST) -> bool:
    return any(isinstance(other, ast.Compare) and node in other.comparators for other in ast.walk(tree))


def test_imports_keep_to_the_floors() -> None:
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "3 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("ml/clv/intruder.py", "import dagster"),
        ("ml/clv/intruder.py", "import assets.catalog"),
        ("dashboard/intruder.py", "import assets.catalog"),
        ("assets/intruder.py", "import orchestration.settings"),
        ("assets/intruder.py", "import dashboard.settings"),
    ],
)
def test_an_import_that_runs_the_other_way_is_noticed(module, line, tmp_path) -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "node_modules" not in path.parts:
                target = tmp_path / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (tmp_path / module).write_text(f"{line}\n")
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 1, done.stdout
    assert module.removesuffix(".py").replace("/", ".") in done.stdout


def test_statistics_read_no_clock_and_no_environment() -> None:
    found = {name: clock_reads(tree) + environment_reads(tree) for name, tree in sources("ml")}

    assert len(found) > 30
    assert {name: reads for name, reads in found.items() if reads} == {}


def test_variables_of_the_environment_are_read_in_the_settings_alone() -> None:
    found = {name for name, tree in sources(*PACKAGES) if environment_reads(tree)}

    assert found <= MAY_READ_SETTINGS


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("import os\nx = os.environ['CRM_SEED']", True),
        ("import os\nx = os.environ.get('CRM_SEED')", True),
        ("import os\nx = os.getenv('CRM_SEED')", True),
        ("import os\nx = 'CRM_SEED' in os.environ", True),
        ("import os\nos.environ['DAGSTER_HOME'] = 'x'", False),
    ],
)
def test_the_scan_for_the_environment_finds_what_it_looks_for(text, is_found) -> None:
    assert bool(environment_reads(ast.parse(text))) == is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("import time\nx = time.time()", True),
        ("from time import time", True),
        ("import datetime\nx = datetime.datetime.now()", True),
        ("from datetime import date\nx = date.today()", True),
        ("import pandas as pd\nx = pd.Timestamp.now()", True),
        ("from datetime import date\nx = date(2018, 1, 1)", False),
    ],
)
def test_the_scan_for_clocks_finds_what_it_looks_for(text, is_found) -> None:
    assert bool(clock_reads(ast.parse(text))) == is_found
