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


def decide(
    champion: Version | None,
    *,
    is_judged: bool,
    champion_is_judged: Callable[[Version], bool],
    compare: Callable[[Version], Sequence[Comparison]],
    must_beat: Callable[[Version], bool] = lambda _: False,
    alarm: str = "",
) -> Decision:
    """Promote or hold a version.

    Args:
        champion: What serves now; None if nothing does.
        is_judged: Whether the version has a judged twin.
        champion_is_judged: Whether the champion has one.
        compare: The figures of both twins on the same customers, the one that decides first.
        must_beat: Whether the version is more complex than the champion.
        alarm: Why the version must not serve whatever its figures; empty if nothing speaks against it.
    """
    number = champion.number if champion else None
    if alarm:
        return Decision(False, alarm, number)
    if champion is None:
        return Decision(True, "No version served before.")
    if not champion_is_judged(champion):
        return Decision(True, f"Version {number} was never judged; this one knows newer data.", number)
    if not is_judged:
        reason = f"It could not be judged on held-out data; version {number}, which was, stays."
        return Decision(False, reason, number)
    comparisons = tuple(compare(champion))
    return _compared(champion, comparisons, must_beat(champion))


def _compared(champion: Version, comparisons: tuple[Comparison, ...], must_beat: bool) -> Decision:
    worse = [comparison for comparison in comparisons if not comparison.is_no_worse]
    told = "; ".join(_tell(comparison) for comparison in worse or comparisons)
    is_promoted = not worse and (comparisons[0].is_better or not must_beat)
    if worse:
        verdict = "Worse than"
    elif must_beat:
        verdict = (
            "More complex and better than" if is_promoted else "More complex and not better beyond noise than"
        )
    else:
        verdict = "No worse than"
    reason = f"{verdict} version {champion.number} on the same customers: {told}."
    return Decision(is_promoted, reason, champion.number, comparisons)


def _tell(comparison: Comparison) -> str:
    return (
        f"{comparison.metric} {comparison.challenger:.4f} against {comparison.champion:.4f} "
        f"(difference {comparison.difference:+.4f}, 95 % {comparison.low:+.4f} to {comparison.high:+.4f})"
    )
