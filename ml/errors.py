"""The errors that statistics raise on purpose: too little data, no fit to believe, input that breaks a rule.

Stays out: handling them; whoever calls decides what a month without a model means.
"""

from __future__ import annotations

from ml.statements import Statement


class NotEnoughDataError(Exception):
    """There is too little data to fit a model that could be believed.

    Attributes:
        statement: What was missing, with the figures.
    """

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement.words)
        self.statement = statement

    @property
    def reason(self) -> str:
        """The statement in words that can be shown to a reader."""
        return self.statement.words


class FitFailedError(Exception):
    """There is enough data, but nothing that was fitted can be believed.

    Attributes:
        statement: What was tried and, in its words, what was wrong with it.
    """

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement.words)
        self.statement = statement

    @property
    def reason(self) -> str:
        """The statement in words that can be shown to a reader."""
        return self.statement.words


class InvalidInputError(ValueError):
    """An input frame breaks a rule; the message names the frame, the column and the count of bad rows."""
