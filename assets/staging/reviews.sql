-- One row per reviewed order: the review answered first. A later one must not change what was known before.
WITH
reviews AS (SELECT * FROM raw.order_reviews),
orders AS (SELECT * FROM raw.orders)
SELECT
    reviews.order_id,
    reviews.review_id,
    reviews.review_score,
    reviews.review_comment_title AS comment_title,
    reviews.review_comment_message AS comment_message,
    reviews.review_creation_date::DATE AS asked_date,
    reviews.review_answer_timestamp AS answered_at
FROM reviews
JOIN orders ON reviews.order_id = orders.order_id
QUALIFY row_number() OVER (
    PARTITION BY reviews.order_id ORDER BY reviews.review_answer_timestamp, reviews.review_id
) = 1
ORDER BY reviews.order_id
