"""Run the benchmarks (`make bench`) and print their table; with `--write` keep theirs in docs/benchmarks.md.

Stays out: measuring; each module has a `run()` that returns rows of label and value.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

MODULES = ("rfm", "families", "month", "sample", "simulate", "dashboard", "page")
DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
_HEAD = """\
# Benchmarks

Made by `make bench`. Ratios are against a peer measured in the same run on the same machine; absolute times are of
that machine. Nothing here is asserted in a test: machines are noisy.
"""


def main() -> None:
    """Run the chosen benchmarks, all unless named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(MODULES)}")
    parser.add_argument("--json", action="store_true", help="print the rows alone, as JSON")
    parser.add_argument("--write", action="store_true", help="keep what was measured in docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.json:
        sys.stdout.write(json.dumps([row for name in arguments.names for row in _here(name)]))
        return
    console = Console()
    measured: dict[str, list[tuple[str, str]]] = {}
    for name in arguments.names or MODULES:
        console.print(f"measuring {name} ...")
        measured[name] = _alone(name)
    table = Table("what", "figure")
    for rows in measured.values():
        for label, value in rows:
            table.add_row(label, value)
    console.print(table)
    if arguments.write:
        sections = _sections(DOCUMENT.read_text(encoding="utf-8"))
        sections |= {name: _section(rows) for name, rows in measured.items()}
        DOCUMENT.write_text(_document(sections), encoding="utf-8")


def _here(name: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = importlib.import_module(f"tests.benchmarks.{name}").run()
    return rows


def _alone(name: str) -> list[tuple[str, str]]:
    """Run one benchmark in a process of its own, so that none counts the memory of another."""
    command = [sys.executable, "-m", "tests.benchmarks", name, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [(label, value) for label, value in json.loads(done.stdout)]


def _sections(document: str) -> dict[str, str]:
    """What the document says of each benchmark, by its name."""
    return dict(re.findall(r"^## (\w+)\n\n(.*?)\n(?=\n## |\Z)", document, flags=re.DOTALL | re.MULTILINE))


def _section(rows: list[tuple[str, str]]) -> str:
    machine = f"Measured on {date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}."
    lines = "\n".join(f"| {label} | {value} |" for label, value in rows)
    return f"{machine}\n\n| what | figure |\n|---|---|\n{lines}"


def _document(sections: dict[str, str]) -> str:
    named = (f"## {name}\n\n{sections[name]}\n" for name in MODULES if name in sections)
    return "\n".join([_HEAD, *named])


if __name__ == "__main__":
    main()
