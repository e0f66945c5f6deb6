"""Which action is recommended to whom, what is it worth, and which contacts would pay?

Stays out: the arithmetic of a campaign (`dashboard.planner`) and the words (`dashboard.pages.actions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.planner import Assumptions, Plan, plan
from dashboard.queries.cuts import month_before
from dashboard.queries.headline import Figure, figure
from dashboard.queries.segments import Segment, segments_of_month
from dashboard.queries.summary import About, about
from dashboard.ranking import Ranking, Step
from dashboard.store import Snapshot
from dashboard.tables import action_steps, segment_cube
from dashboard.terms import rank

_TOP = 0.1


@dataclass(frozen=True)
class Part:
    """The customers of an action who are in one segment, and their fraction of all that the action has."""

    segment: str
    customers: int
    customers_share: float


@dataclass(frozen=True)
class Mix:
    """The customers of an action by churn risk and by value tier; each customer is in one part of either."""

    risk_band: tuple[Part, ...] = ()
    value_tier: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Action:
    """A recommended action: its customers now and in the month before, their figures, and who they are.

    `top_tenth_share` is the part of the expected spend that the tenth with the highest expected spend brings.
    """

    segment: Segment
    size: Figure
    top_tenth_share: float | None
    mix: Mix


@dataclass(frozen=True)
class Actions:
    """All actions, those with the highest expected spend first, and the plan for those that were chosen.

    `plan` is None where nobody of the chosen actions has an expected spend.
    """

    about: About
    compared_with: str | None
    actions: tuple[Action, ...]
    chosen: tuple[str, ...]
    plan: Plan | None


@dataclass(frozen=True)
class _Found:
    """What a snapshot says of its actions, whatever is chosen of them."""

    compared_with: str | None
    actions: tuple[Action, ...]
    steps: dict[str, tuple[Step, ...]]


def actions(snapshot: Snapshot, assumptions: Assumptions | None, chosen: Sequence[str]) -> Actions:
    """Ask a snapshot for its actions; nothing chosen is all of them, no assumptions no plan.

    Reads the prepared cuts alone, once, never the customer table.
    """
    found = _found(snapshot)
    names = [row.segment.segment for row in found.actions]
    wanted = {name: found.steps.get(name, ()) for name in names if not chosen or name in chosen}
    return Actions(
        about=about(snapshot.manifest),
        compared_with=found.compared_with,
        actions=found.actions,
        chosen=tuple(wanted),
        plan=plan(wanted, assumptions) if assumptions else None,
    )


def _found(snapshot: Snapshot) -> _Found:
    return snapshot.keep("actions", lambda: _asked(snapshot))


def _asked(snapshot: Snapshot) -> _Found:
    manifest = snapshot.manifest
    before = month_before(manifest.months, manifest.snapshot_month)
    with snapshot.engine.connect() as connection:
        now = segments_of_month(connection, manifest.snapshot_month).get("action", ())
        earlier = segments_of_month(connection, before).get("action", ()) if before else ()
        steps = steps_of_actions(connection)
        mixes = mix_of_actions(connection)
    sizes = {row.segment: row.customers for row in earlier}
    ordered = sorted(now, key=lambda row: (-(row.cltv_total or 0.0), row.segment))
    rows = tuple(
        _action(row, sizes, steps.get(row.segment, ()), mixes.get(row.segment, Mix())) for row in ordered
    )
    return _Found(before if earlier else None, rows, steps)


def steps_of_actions(connection: sa.Connection) -> dict[str, tuple[Step, ...]]:
    """The hundredths of each action's customers by falling expected spend."""
    query = sa.select(action_steps).order_by(action_steps.c.action, action_steps.c.step)
    steps: dict[str, list[Step]] = {}
    for row in connection.execute(query).mappings():
        steps.setdefault(row["action"], []).append(Step(row["customers"], row["cltv_min"], row["cltv_total"]))
    return {action: tuple(rows) for action, rows in steps.items()}


def mix_of_actions(connection: sa.Connection) -> dict[str, Mix]:
    """The customers of each action by churn risk and by value tier, at the newest month; no part is empty."""
    by_risk, by_value = (_parts(connection, name) for name in ("risk_band", "value_tier"))
    return {action: Mix(by_risk[action], by_value[action]) for action in by_risk}


def _parts(connection: sa.Connection, dimension: str) -> dict[str, tuple[Part, ...]]:
    """The segments of a dimension in each action, in the dimension's own order."""
    table = segment_cube.c
    names = (table.action, table[dimension])
    query = sa.select(*names, sa.func.sum(table.customers)).group_by(*names)
    counts: dict[str, dict[str, int]] = {}
    for action, segment, customers in connection.execute(query):
        counts.setdefault(action, {})[segment] = int(customers)
    return {action: _shared(dimension, sizes) for action, sizes in counts.items()}


def _shared(dimension: str, sizes: dict[str, int]) -> tuple[Part, ...]:
    whole = sum(sizes.values())
    order = sorted(sizes, key=lambda segment: rank(dimension, segment))
    return tuple(Part(segment, sizes[segment], sizes[segment] / whole) for segment in order)


def _action(row: Segment, sizes: dict[str, int], steps: Sequence[Step], mix: Mix) -> Action:
    before = sizes.get(row.segment, 0) if sizes else None
    return Action(row, figure(row.customers, before), _top_tenth_share(steps), mix)


def _top_tenth_share(steps: Sequence[Step]) -> float | None:
    ranking = Ranking([steps])
    whole = ranking.total(ranking.customers)
    return ranking.total(_TOP * ranking.customers) / whole if whole else None


def known_actions(snapshot: Snapshot) -> tuple[str, ...]:
    """The actions that are recommended to customers at the newest month."""
    found = (row.segment.segment for row in _found(snapshot).actions)
    return tuple(sorted(found, key=lambda action: rank("action", action)))
