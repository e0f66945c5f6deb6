"""The errors that statistics raise on purpose: too little data, no fit to believe, input that breaks a rule.

Stays out: handling them; whoever calls decides what a month without a model means.
"""

from __future__ import annotations


class NotEnoughDataError(Exception):
    """There is too little data to fit a model that could be believed.

    Attributes:
        reason: What was missing, with the figures, in words that can be shown to a reader.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FitFailedError(Exception):
    """There is enough data, but nothing that was fitted can be believed.

    Attributes:
        reason: What was tried and what was wrong with it, in words that can be shown to a reader.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidInputError(ValueError):
    """An input frame breaks a rule; the message names the frame, the column and the count of bad rows."""
