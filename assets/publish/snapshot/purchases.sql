-- One row per order that counts, up to the newest month's as-of date, with what was known of it by then.
SELECT
    purchases.order_id,
    purchases.customer_unique_id,
    purchases.purchased_at,
    purchases.value_brl,
    purchases.price_brl,
    purchases.freight_brl,
    purchases.item_count,
    purchases.items,
    purchases.category,
    purchases.payment_type,
    if(purchases.delivered_at < $as_of, purchases.delivered_at, NULL) AS delivered_at,
    purchases.estimated_delivery_date,
    if(reviews.answered_at < $as_of, reviews.review_score, NULL) AS review_score,
    if(
        reviews.answered_at < $as_of,
        nullif(concat_ws(': ', trim(reviews.comment_title), trim(reviews.comment_message)), ''),
        NULL
    ) AS review_comment
FROM staging.purchases AS purchases
LEFT JOIN staging.reviews AS reviews ON purchases.order_id = reviews.order_id
WHERE purchases.purchased_at < $as_of
ORDER BY purchases.customer_unique_id, purchases.purchased_at, purchases.order_id
