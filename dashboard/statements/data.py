"""What is asked of the data, what was found instead, and what was noticed while files were read.

Stays out: the statements that contracts make of their own, which are texts of the catalogues.
"""

from __future__ import annotations

from dashboard.formatting import count, number
from dashboard.i18n import N_, gettext
from dashboard.statements.parts import Say, Values, listed, plain


def _key(values: Values) -> str:
    return gettext("No two rows share the key (%(columns)s).", columns=listed(values["columns"]))


def _never_below(values: Values) -> str:
    return gettext("%(column)s is never below %(other)s.", column=values["column"], other=values["other"])


def _refers_to(values: Values) -> str:
    return gettext("Every %(column)s is in %(table)s.", column=values["column"], table=values["table"])


def _off_by(values: Values) -> str:
    found = values["count"]
    return gettext("off by %(count)s", count=count(found) if found == int(found) else number(found, 2))


def _found(values: Values) -> str:
    return gettext("found %(values)s", values=listed(values["values"]))


def _file_missing(values: Values) -> str:
    return gettext(
        "The optional file %(file)s is missing in %(folder)s.", file=values["file"], folder=values["folder"]
    )


def _columns_ignored(values: Values) -> str:
    return gettext("Extra columns ignored: %(columns)s", columns=listed(values["columns"]))


WORDS: dict[str, Say] = {
    "has_rows": plain(N_("The table has rows.")),
    "key_is_unique": _key,
    "never_below": _never_below,
    "refers_to": _refers_to,
    "has_its_columns": plain(N_("The table has its columns in their order.")),
    "never_missing": plain(N_("No value is missing.")),
    "in_range": plain(N_("Every value lies in its range.")),
    "in_set": plain(N_("Every value is one of those known.")),
    "has_form": plain(N_("Every value has its form.")),
    "holds": plain(N_("holds")),
    "is_empty": plain(N_("it is empty")),
    "nothing_to_count": plain(N_("nothing to count")),
    "off_by": _off_by,
    "found_missing": plain(N_("found missing values")),
    "found": _found,
    "file_missing": _file_missing,
    "columns_ignored": _columns_ignored,
    "ages_simulated": plain(N_("Simulated: ages drawn from Brazil's census pyramid")),
}
