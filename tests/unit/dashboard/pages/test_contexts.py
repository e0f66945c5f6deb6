"""What a page's context declares is what its template uses, for every page that there is.

Stays out: what the pages show.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

import dashboard.pages
from dashboard import errors
from dashboard.settings import Settings
from dashboard.templating import TEMPLATES, Templates

# What `Templates.page` gives to every template beside its context.
FRAME = {"path", "here", "csp_nonce", "status_code", "tools"}


def _contexts(module: object) -> list[type]:
    own = (
        item
        for _, item in inspect.getmembers(module, inspect.isclass)
        if is_dataclass(item) and item.__module__ == getattr(module, "__name__", "")
    )
    return [item for item in own if item.__name__.endswith("Context")]


def _pairs(module: object) -> Iterator[tuple[str, type]]:
    """A module's templates with their contexts: the one named as the module, and at most one other."""
    contexts = _contexts(module)
    if not contexts:
        return
    name = getattr(module, "__name__", "").rpartition(".")[2]
    main = name.title().replace("_", "") + "Context"
    source = inspect.getsource(module)  # type: ignore[arg-type]
    named = set(re.findall(r'"([\w/]+\.html)"', source))
    for context in [context for context in contexts if context.__name__ == main]:
        contexts.remove(context)
        named.remove(f"{name}.html")
        yield f"{name}.html", context
    assert len(named) == len(contexts) <= 1, f"{name}: which of {named} belongs to which of {contexts}?"
    yield from zip(named, contexts, strict=True)


def pages() -> list[tuple[str, type]]:
    """Every template that a page fills, with the dataclass it is filled from."""
    names = [f"dashboard.pages.{info.name}" for info in pkgutil.iter_modules(dashboard.pages.__path__)]
    found = [pair for name in names for pair in _pairs(importlib.import_module(name))]
    return [*found, ("error.html", errors.ErrorContext)]


def _parsed(environment: Environment, name: str) -> nodes.Template:
    return environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))


def _bound(tree: nodes.Template) -> set[str]:
    """The names that a template gives itself: imports, loops, assignments."""
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}
    names |= {node.target for node in tree.find_all(nodes.Import)}
    return names | {node.name for node in tree.find_all(nodes.Macro)}


def _used(environment: Environment, name: str, bound: frozenset[str] = frozenset()) -> set[str]:
    """The names that a template, what it extends and what it includes take from the context."""
    tree = _parsed(environment, name)
    bound = bound | _bound(tree)
    used = meta.find_undeclared_variables(tree) - bound
    seeing = [node for node in tree.find_all(nodes.Import) if node.with_context]
    for node in (*tree.find_all((nodes.Extends, nodes.Include)), *seeing):
        assert isinstance(node.template, nodes.Const), f"{name} includes a template named at run time"
        used |= _used(environment, node.template.value, bound)
    return used - set(environment.globals) - FRAME


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Templates(Settings(_env_file=None), "/static").environment


@pytest.mark.parametrize(("template", "context"), pages())
def test_a_template_uses_what_its_context_declares(
    environment: Environment, template: str, context: type
) -> None:
    declared = {field.name for field in fields(context)}
    used = _used(environment, template)
    # The frame asks whether there is a snapshot to tell of; a page without one has none.
    assert used - declared <= {"about"}, "used and not declared"
    assert declared - used == set(), "declared and not used"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_macros_of_others_take_nothing_from_the_context(environment: Environment, path: Path) -> None:
    """Imported without the context, a template sees none of it: a name that it does not bind would be undefined."""
    tree = environment.parse(path.read_text(encoding="utf-8"))
    for node in tree.find_all(nodes.Import):
        if node.with_context:
            continue
        imported = node.template.value
        found = meta.find_undeclared_variables(_parsed(environment, imported))
        assert found - _bound(_parsed(environment, imported)) - set(environment.globals) == set()
