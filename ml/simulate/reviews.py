"""The reviews: which orders have one, its score, text and dates, and the faults of the original file.

Stays out: the phrases themselves, and how a score comes about.
"""

import dataclasses

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import DAY_S, Bools, Ints, instants, words
from ml.simulate.ids import hex_ids
from ml.simulate.orders import Orders
from ml.simulate.phrases import MIXED, NEGATIVE, OVERDUE, POSITIVE, compose_texts, titles
from ml.simulate.timeline import Timeline

_NO_REVIEW_SHARE, _SECOND_REVIEW_SHARE, _REUSED_ID_SHARE = 0.008, 0.0055, 0.008
_TEXT_SHARE = np.array((0.76, 0.69, 0.44, 0.31, 0.355))  # one star first
_TITLE_SHARE = np.array((0.17, 0.15, 0.09, 0.08, 0.11))
_ODD_MOOD_SHARE = 0.04


@dataclasses.dataclass(frozen=True)
class Pool:
    """Texts of all moods in one array.

    Attributes:
        texts: The texts, mood after mood.
        first_of: First text of each mood, and the number of texts last, shape ``(moods + 1,)``.
    """

    texts: pa.Array
    first_of: Ints

    def draw(self, rng: np.random.Generator, mood: Ints, has_text: Bools) -> pa.Array:
        """Draw a text of each mood, null where there is none, shape ``(reviews,)``."""
        first, past = self.first_of[mood], self.first_of[mood + 1]
        chosen = first + np.floor(rng.random(mood.size) * (past - first)).astype(np.int64)
        return words(self.texts, np.where(has_text, chosen, -1))


@dataclasses.dataclass(frozen=True)
class ReviewTexts:
    """What reviews are written with.

    Attributes:
        messages: Bodies of reviews.
        titles: Titles of reviews.
    """

    messages: Pool
    titles: Pool


def make_texts() -> ReviewTexts:
    """Compose the pools of messages and titles."""
    moods = (POSITIVE, MIXED, NEGATIVE, OVERDUE)
    return ReviewTexts(
        _pool([compose_texts(mood) for mood in moods]), _pool([titles(mood) for mood in moods])
    )


def reviews_table(
    rng: np.random.Generator,
    texts: ReviewTexts,
    seed: int,
    first_id: int,
    order_id: pa.Array,
    orders: Orders,
    timeline: Timeline,
    end_s: int,
) -> pa.Table:
    """Make the rows of the reviews file: whatever has been answered by the end of the data.

    Some orders have two reviews; some reviews carry the id, score and text of the review before them.

    Args:
        rng: Source of randomness.
        texts: What reviews are written with.
        seed: Seed of the ids.
        first_id: Counter of the first review's id.
        order_id: Shape ``(orders,)``.
        orders: The orders, with their scores.
        timeline: Their instants.
        end_s: First instant after the data, seconds since 1970.
    """
    order, delay_days = _reviewed_orders(rng, orders.score.size)
    asked = (timeline.done_s[order] // DAY_S + 1 + delay_days) * DAY_S
    answered = asked + np.floor((0.2 + rng.lognormal(0.6, 0.8, order.size)) * DAY_S).astype(np.int64)
    is_known = answered < end_s
    order, asked, answered = order[is_known], asked[is_known], answered[is_known]
    score = _second_thoughts(rng, orders.score[order], delay_days[is_known] > 0)
    content = _content(
        rng, texts, hex_ids(seed, "review", first_id + np.arange(order.size)), score, orders.is_late[order]
    )
    dates = {"review_creation_date": instants(asked), "review_answer_timestamp": instants(answered)}
    return pa.table(
        {"review_id": content["review_id"], "order_id": order_id.take(pa.array(order)), **content, **dates}
    )


def _reviewed_orders(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Draw the orders with a review, those with two twice, and the days by which a second one comes later."""
    first = np.flatnonzero(rng.random(count) >= _NO_REVIEW_SHARE)
    second = first[rng.random(first.size) < _SECOND_REVIEW_SHARE]
    delay = np.append(np.zeros(first.size, dtype=np.int64), rng.integers(1, 15, second.size))
    return np.append(first, second), delay


def _second_thoughts(rng: np.random.Generator, score: Ints, is_second: Bools) -> Ints:
    """Let a second review differ from the first by up to a star."""
    moved = np.clip(score + rng.integers(-1, 2, score.size), 1, 5)
    return np.where(is_second, moved, score)


def _content(
    rng: np.random.Generator, texts: ReviewTexts, review_id: pa.Array, score: Ints, is_late: Bools
) -> dict[str, pa.Array]:
    """Draw score, title and message of each review, some of them a copy of the review before."""
    mood = _moods(rng, score, is_late)
    title = texts.titles.draw(rng, mood, rng.random(score.size) < _TITLE_SHARE[score - 1])
    message = texts.messages.draw(rng, mood, rng.random(score.size) < _TEXT_SHARE[score - 1])
    source = np.arange(score.size)
    source = pa.array(source - ((rng.random(score.size) < _REUSED_ID_SHARE) & (source > 0)))
    return {
        "review_id": review_id.take(source),
        "review_score": pa.array(score).take(source),
        "review_comment_title": title.take(source),
        "review_comment_message": message.take(source),
    }


def _moods(rng: np.random.Generator, score: Ints, is_late: Bools) -> Ints:
    """Choose the mood that fits score and lateness, now and then another one, as people do."""
    bad = np.where(is_late, OVERDUE, NEGATIVE)
    mood = np.where(score >= 4, POSITIVE, np.where(score == 3, MIXED, bad))
    is_odd = rng.random(score.size) < _ODD_MOOD_SHARE
    return np.where(is_odd, rng.integers(POSITIVE, OVERDUE + 1, score.size), mood)


def _pool(texts: list[list[str]]) -> Pool:
    first_of = np.cumsum([0, *(len(part) for part in texts)]).astype(np.int64)
    return Pool(pa.array([text for part in texts for text in part]), first_of)
