"""What the templates call for each text and each row: the same as Jinja's own, at less expense."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from jinja2 import Environment

from dashboard.i18n import PSEUDO, catalogue_plurals, catalogue_texts, speaking
from dashboard.settings import Settings
from dashboard.templating import Templates, drawn_once

PLURAL = "{% trans n=n, who=who %}{{ n }} alert of {{ who }}{% pluralize %}{{ n }} alerts of {{ who }}{% endtrans %}"


@pytest.fixture
def ours(tmp_path) -> Environment:
    return Templates(Settings(home=tmp_path, _env_file=None), "/static").environment


@pytest.fixture
def jinjas() -> Environment:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.install_gettext_callables(catalogue_texts, catalogue_plurals, newstyle=True)
    return environment


@pytest.mark.parametrize("code", ["en", "ko", "pt", PSEUDO])
@pytest.mark.parametrize(
    "source",
    [
        "{{ _('Customers') }}",
        "{{ _('80 %% interval') }}",
        "{{ _('%(days)s days', days=30) }}",
        "{{ _('%(low)s to %(high)s', low=who, high='100 %') }}",
        "<a title=\"{{ _('Signed in as %(user)s', user=who) }}\">",
        "{{ _(who) }}",
        *(PLURAL.replace("n=n", f"n={n}") for n in (0, 1, 2)),
    ],
)
def test_texts_are_those_of_jinjas_extension(
    ours: Environment, jinjas: Environment, source: str, code: str
) -> None:
    with speaking(code):
        expected = jinjas.from_string(source).render(who="<b>Ana & co</b>")
        assert ours.from_string(source).render(who="<b>Ana & co</b>") == expected


@dataclass(frozen=True)
class _Row:
    band: str | None


def test_what_rows_share_is_drawn_once() -> None:
    asked: list[object] = []

    def draw(name: str, value: object) -> str:
        asked.append((name, value))
        return f"<{value}>"

    rows = [_Row("red"), _Row(None), _Row("red"), _Row("green"), _Row(None)]
    assert drawn_once(rows, "band", draw) == {"red": "<red>", "green": "<green>", None: "<None>"}
    assert sorted(asked, key=str) == [("band", "green"), ("band", "red"), ("band", None)]
