"""The model registry: versions, the decision on each, and the aliases that say which serves and which waits.

Stays out: how two versions are compared (`assets.models.gate`), and keeping runs (`tracking`).

A version was promoted or held. The champion of an as-of date is the version under the alias `champion` if it knows
nothing later than that date; else, as in a replayed month, the newest one promoted that does not. A month's version
that a later fit on the same as-of date replaced is superseded and serves no more, unless somebody chose it by hand.
Only versions of one lineage, the same source and the same meaning of the scores, stand in for each other.
Moving the alias in MLflow is a decision by hand too, and stands until a version on newer data passes the gate.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from ml.metrics import Comparison
from ml.statements import Statement, coded

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
PROMOTED, HELD = "promoted", "held"
BY_GATE, BY_HAND = "gate", "hand"
BY_PIPELINE, BY_SEARCH = "pipeline", "search"
MONTH, DIGEST, SUPERSEDED = "snapshot_month", "digest", "superseded"
AS_OF, LINEAGE, MADE_BY, CHOICE = "as_of_date", "lineage", "made_by", "choice"
_DECISION, _REASON, _CODED, _COMPARED, _BY, _FIGURES = (
    "decision",
    "decision_reason",
    "decision_reason_coded",
    "compared_with",
    "decided_by",
    "decision_figures",
)


class RegistryError(LookupError):
    """A version or a champion that does not exist; the message says what does."""


@dataclass(frozen=True)
class Decision:
    """What the gate said of a version.

    Attributes:
        is_promoted: whether it may serve.
        statement: why.
        compared_with: the version it was compared with; None if there was none.
        comparisons: the figures of both.
    """

    is_promoted: bool
    statement: Statement
    compared_with: str | None = None
    comparisons: tuple[Comparison, ...] = ()

    @property
    def reason(self) -> str:
        """The statement in words."""
        return self.statement.words


@dataclass(frozen=True)
class Version:
    """One version of a registered model and what is known of it.

    `choice` is the family or class it is of; `reason_coded` is the decision's reason as `ml.statements.coded` has it.
    """

    name: str
    number: str
    run_id: str
    month: str
    as_of: date
    lineage: str
    digest: str
    made_by: str
    choice: str
    decision: str
    reason: str
    compared_with: str
    decided_by: str
    is_superseded: bool
    aliases: tuple[str, ...]
    reason_coded: str = "[]"

    @property
    def age(self) -> tuple[date, int]:
        """What versions are ordered by: the data they know, then the order in which they were registered."""
        return self.as_of, int(self.number)

    @property
    def may_serve(self) -> bool:
        """Whether it was promoted and is not superseded, or was chosen by hand."""
        return self.decision == PROMOTED and (not self.is_superseded or self.decided_by == BY_HAND)


class Registry:
    """The versions of the store behind an MLflow client."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def names(self) -> list[str]:
        """The registered models, by name."""
        return sorted(model.name for model in self._client.search_registered_models())

    def versions(self, name: str) -> list[Version]:
        """All versions of a model, oldest data first; none of a model that was never registered."""
        if not self._client.search_registered_models(f"name = '{name}'"):
            return []
        aliases: dict[str, list[str]] = {}
        for alias, number in self._aliases(name).items():
            aliases.setdefault(number, []).append(alias)
        found = self._client.search_model_versions(f"name = '{name}'")
        return sorted((_version(one, aliases) for one in found), key=lambda version: version.age)

    def version(self, name: str, number: str) -> Version:
        """One version of a model."""
        versions = self.versions(name)
        for version in versions:
            if version.number == number:
                return version
        known = ", ".join(version.number for version in versions) or "none"
        raise RegistryError(f"model {name} has no version {number}; versions: {known}")

    def champion(self, name: str, as_of: date, lineage: str, other_than: str = "") -> Version | None:
        """The version that serves at an as-of date; it knows nothing later, and is of the same lineage."""
        fitting = [
            version
            for version in self.versions(name)
            if version.as_of <= as_of and version.lineage == lineage and version.number != other_than
        ]
        under_alias = next((version for version in fitting if CHAMPION in version.aliases), None)
        if under_alias is not None and (not under_alias.is_superseded or under_alias.decided_by == BY_HAND):
            return under_alias
        return max((version for version in fitting if version.may_serve), key=lambda v: v.age, default=None)

    def settle(self, version: Version, decide: Callable[[Version | None], Decision]) -> Version:
        """Decide on a version, unless a decision against the same champion or by hand stands, and move the aliases.

        Args:
            version: The version; it may have been decided on before.
            decide: Called with the champion to compare with (None if there is none).

        Returns:
            The version with its decision.
        """
        incumbent = self.champion(version.name, version.as_of, version.lineage, other_than=version.number)
        if CHAMPION in version.aliases and version.decision == HELD:
            moved = Statement("alias_moved", "The alias was moved to it by hand.")
            chosen = Decision(True, moved, version.compared_with or None)
            self._write(version, chosen, BY_HAND)
        elif not self._stands(version, incumbent):
            decision = decide(incumbent)
            self._write(version, decision, BY_GATE)
            self._move(version, decision.is_promoted)
        self._mend(version)
        return self.version(version.name, version.number)

    def promote(self, name: str, number: str, reason: str) -> Version:
        """Make a version the champion by hand, for a reason that may be left out."""
        version = self.version(name, number)
        chosen = Statement("chosen_by_hand", reason or "Chosen by hand.", {"reason": reason})
        self._write(version, Decision(True, chosen, version.compared_with or None), BY_HAND)
        self._client.set_registered_model_alias(name, CHAMPION, number)
        if CHALLENGER in version.aliases:
            self._client.delete_registered_model_alias(name, CHALLENGER)
        return self.version(name, number)

    def roll_back(self, name: str, reason: str) -> Version:
        """Make the version that served before the champion the champion again, by hand."""
        versions = self.versions(name)
        current = next((version for version in versions if CHAMPION in version.aliases), None)
        if current is None:
            raise RegistryError(f"model {name} has no champion to roll back from")
        earlier = [
            version
            for version in versions
            if version.may_serve and version.age < current.age and version.lineage == current.lineage
        ]
        if not earlier:
            raise RegistryError(f"model {name} has no version promoted before version {current.number}")
        return self.promote(name, earlier[-1].number, reason)

    def supersede_others(self, name: str, number: str) -> None:
        """Mark what the pipeline fitted before on the same as-of date as superseded by this version."""
        version = self.version(name, number)
        if version.is_superseded:
            self._client.delete_model_version_tag(name, number, SUPERSEDED)
        for other in self.versions(name):
            same = other.as_of == version.as_of and other.made_by == BY_PIPELINE
            if same and other.number != number and not other.is_superseded:
                self._client.set_model_version_tag(name, other.number, SUPERSEDED, "true")

    def _stands(self, version: Version, incumbent: Version | None) -> bool:
        """Whether an earlier decision holds.

        It does where it was by hand or against the same champion, where a newer version has become the champion
        since, and where the version was promoted and an older one was made champion over it by hand.
        """
        if not version.decision:
            return False
        if version.decided_by == BY_HAND or version.compared_with == (incumbent.number if incumbent else ""):
            return True
        if incumbent is None:
            return False
        overruled = version.decision == PROMOTED and CHAMPION in incumbent.aliases
        return incumbent.age > version.age or overruled

    def _write(self, version: Version, decision: Decision, by: str) -> None:
        tags = {
            _DECISION: PROMOTED if decision.is_promoted else HELD,
            _REASON: decision.reason,
            _CODED: coded([decision.statement]),
            _COMPARED: decision.compared_with or "",
            _BY: by,
            _FIGURES: json.dumps([asdict(comparison) for comparison in decision.comparisons]),
        }
        for key, value in tags.items():
            self._client.set_model_version_tag(version.name, version.number, key, value)
            self._client.set_tag(version.run_id, key, value)

    def _move(self, version: Version, is_promoted: bool) -> None:
        """Move the aliases after a decision of the gate; neither goes back to older data."""
        name = version.name
        holders = {alias: self.version(name, number) for alias, number in self._aliases(name).items()}
        alias, other = (CHAMPION, CHALLENGER) if is_promoted else (CHALLENGER, CHAMPION)
        holder = holders.get(alias)
        if (
            holder is None
            or holder.is_superseded
            or holder.lineage != version.lineage
            or holder.as_of <= version.as_of
        ):
            self._client.set_registered_model_alias(name, alias, version.number)
        if other in holders and holders[other].number == version.number:
            self._client.delete_registered_model_alias(name, other)

    def _mend(self, version: Version) -> None:
        """Let the alias of the champion name one that may serve, as after a refit superseded the one before."""
        holder = self._aliases(version.name).get(CHAMPION)
        if holder is not None:
            current = self.version(version.name, holder)
            if not current.is_superseded or current.decided_by == BY_HAND:
                return
        champion = self.champion(version.name, version.as_of, version.lineage)
        if champion is not None:
            self._client.set_registered_model_alias(version.name, CHAMPION, champion.number)
        elif holder is not None:
            self._client.delete_registered_model_alias(version.name, CHAMPION)

    def _aliases(self, name: str) -> dict[str, str]:
        return {
            alias: str(number) for alias, number in self._client.get_registered_model(name).aliases.items()
        }


def _version(found: ModelVersion, aliases: dict[str, list[str]]) -> Version:
    tags = found.tags
    return Version(
        name=found.name,
        number=str(found.version),
        run_id=str(found.run_id),
        month=tags[MONTH],
        as_of=date.fromisoformat(tags[AS_OF]),
        lineage=tags[LINEAGE],
        digest=tags[DIGEST],
        made_by=tags[MADE_BY],
        choice=tags[CHOICE],
        decision=tags.get(_DECISION, ""),
        reason=tags.get(_REASON, ""),
        compared_with=tags.get(_COMPARED, ""),
        decided_by=tags.get(_BY, ""),
        is_superseded=SUPERSEDED in tags,
        aliases=tuple(sorted(aliases.get(str(found.version), ()))),
        reason_coded=tags.get(_CODED, "[]"),
    )
