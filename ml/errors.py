"""The errors that statistics raise on purpose: too little data, no fit to believe, input that breaks a rule.

Stays out: handling them; whoever calls decides what a month without a model means.
"""

from __future__ import annotations

from ml.statements import Statement


class StatedError(Exception):
    """What stands in the way of a model, said in a way that can be shown to a reader in any language.

    Attributes:
        statement: What was wrong, with the figures.
    """

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement.words)
        self.statement = statement

    @property
    def reason(self) -> str:
        """The statement in words that can be shown to a reader."""
        return self.statement.words


class NotEnoughDataError(StatedError):
    """There is too little data to fit a model that could be believed; the statement says what was missing."""


class FitFailedError(StatedError):
    """There is enough data, but nothing that was fitted can be believed; the statement says what was tried."""


class InvalidInputError(ValueError):
    """An input frame breaks a rule; the message names the frame, the column and the count of bad rows."""
