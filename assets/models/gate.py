"""The promotion gate: a month's version serves if it is no worse than the champion on the same held-out period.

Stays out: the figures themselves (`ml`), and keeping the decision (`assets.resources.registry`).

Both are judged as they were before they learned from the held-out period: each version keeps, beside the model that
serves, its judged twin, which was fitted up to the beginning of its own held-out period alone. So neither has seen
what it is judged on. A version of a more complex class than the champion's has to be better, beyond noise, not only no
worse: else a search would undo what the choice of the simplest decides every night.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assets.resources.registry import Decision, Version
from ml.metrics import Comparison
from ml.statements import Statement


def decide(
    champion: Version | None,
    *,
    is_judged: bool,
    champion_is_judged: Callable[[Version], bool],
    compare: Callable[[Version], Sequence[Comparison]],
    must_beat: Callable[[Version], bool] = lambda _: False,
    alarm: Statement | None = None,
) -> Decision:
    """Promote or hold a version.

    Args:
        champion: What serves now; None if nothing does.
        is_judged: Whether the version has a judged twin.
        champion_is_judged: Whether the champion has one.
        compare: The figures of both twins on the same customers, the one that decides first.
        must_beat: Whether the version is more complex than the champion.
        alarm: Why the version must not serve whatever its figures; None if nothing speaks against it.
    """
    number = champion.number if champion else None
    if alarm is not None:
        return Decision(False, alarm, number)
    if champion is None:
        return Decision(True, Statement("first_version", "No version served before."))
    if not champion_is_judged(champion):
        words = f"Version {number} was never judged; this one knows newer data."
        return Decision(True, Statement("champion_never_judged", words, {"version": number}), number)
    if not is_judged:
        words = f"It could not be judged on held-out data; version {number}, which was, stays."
        return Decision(False, Statement("not_judged", words, {"version": number}), number)
    comparisons = tuple(compare(champion))
    return _compared(champion, comparisons, must_beat(champion))


def _compared(champion: Version, comparisons: tuple[Comparison, ...], must_beat: bool) -> Decision:
    worse = [comparison for comparison in comparisons if not comparison.is_no_worse]
    told = worse or comparisons
    is_promoted = not worse and (comparisons[0].is_better or not must_beat)
    if worse:
        verdict = "worse than"
    elif must_beat:
        verdict = (
            "more complex and better than" if is_promoted else "more complex and not better beyond noise than"
        )
    else:
        verdict = "no worse than"
    figures = "; ".join(_tell(comparison) for comparison in told)
    reason = Statement(
        "compared_with_champion",
        f"{verdict.capitalize()} version {champion.number} on the same customers: {figures}.",
        {"verdict": verdict, "version": champion.number, "figures": [_values(one) for one in told]},
    )
    return Decision(is_promoted, reason, champion.number, comparisons)


def _values(comparison: Comparison) -> dict[str, str | float]:
    names = ("metric", "challenger", "champion", "difference", "low", "high")
    return {name: getattr(comparison, name) for name in names}


def _tell(comparison: Comparison) -> str:
    return (
        f"{comparison.metric} {comparison.challenger:.4f} against {comparison.champion:.4f} "
        f"(difference {comparison.difference:+.4f}, 95 % {comparison.low:+.4f} to {comparison.high:+.4f})"
    )
