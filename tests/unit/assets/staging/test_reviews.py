"""An order has one review, the one answered first: a later answer must not change what was known before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]


def review(review_id: str, order_id: str, score: int, answered: str) -> dict[str, Any]:
    return {
        "review_id": review_id,
        "order_id": order_id,
        "review_score": score,
        "review_comment_message": f"text of {review_id}",
        "review_creation_date": dt.datetime(2017, 5, 1, 9),
        "review_answer_timestamp": dt.datetime.fromisoformat(answered),
    }


def test_of_several_reviews_the_one_answered_first_stays(put: Put, build: Build) -> None:
    put("raw.orders", [{"order_id": name} for name in ("o1", "o2", "o3")])
    put(
        "raw.order_reviews",
        [
            review("r1", "o1", 1, "2017-05-03 10:00:00"),
            review("r2", "o1", 5, "2017-05-02 10:00:00"),
            review("r4", "o2", 4, "2017-05-02 10:00:00"),
            review("r3", "o2", 3, "2017-05-02 10:00:00"),
            review("r5", "no order", 3, "2017-05-02 10:00:00"),
        ],
    )
    rows = build("staging.reviews")
    assert [(row["order_id"], row["review_id"], row["review_score"]) for row in rows] == [
        ("o1", "r2", 5),
        ("o2", "r3", 3),
    ]
    assert rows[0]["asked_date"] == dt.date(2017, 5, 1)
    assert rows[0]["answered_at"] == dt.datetime(2017, 5, 2, 10)
    assert (rows[0]["comment_title"], rows[0]["comment_message"]) == (None, "text of r2")


def test_a_review_of_several_orders_counts_for_each(put: Put, build: Build) -> None:
    put("raw.orders", [{"order_id": name} for name in ("o1", "o2")])
    put("raw.order_reviews", [review("r1", name, 5, "2017-05-02 10:00:00") for name in ("o1", "o2")])
    assert [row["order_id"] for row in build("staging.reviews")] == ["o1", "o2"]
