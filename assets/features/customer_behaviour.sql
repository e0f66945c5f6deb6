-- One row per customer and month: what was known of the customer's orders, deliveries and reviews at the as-of date.
WITH
purchases AS (SELECT * FROM staging.purchases WHERE purchased_at < $as_of),
reviews AS (SELECT * FROM staging.reviews WHERE answered_at < $as_of),
totals AS (
    SELECT
        customer_unique_id,
        count(*) AS order_count,
        count(DISTINCT purchased_at::DATE) AS purchase_days,
        min(purchased_at)::DATE AS first_purchase_date,
        max(purchased_at)::DATE AS last_purchase_date,
        sum(value_brl) AS value_brl,
        sum(freight_brl) AS freight_brl,
        sum(item_count) AS item_count
    FROM purchases
    GROUP BY customer_unique_id
),
first_purchases AS (
    SELECT customer_unique_id, item_count, value_brl FROM purchases
    QUALIFY row_number() OVER (PARTITION BY customer_unique_id ORDER BY purchased_at, order_id) = 1
),
last_purchases AS (
    SELECT * FROM purchases
    QUALIFY row_number() OVER (PARTITION BY customer_unique_id ORDER BY purchased_at DESC, order_id) = 1
),
last_deliveries AS (
    SELECT
        customer_unique_id,
        delivered_at::DATE - purchased_at::DATE AS delivery_days,
        delivered_at::DATE - estimated_delivery_date AS delivery_delay_days
    FROM purchases
    WHERE delivered_at < $as_of
    QUALIFY row_number() OVER (PARTITION BY customer_unique_id ORDER BY delivered_at DESC, order_id) = 1
),
last_reviews AS (
    SELECT purchases.customer_unique_id, reviews.review_score
    FROM reviews
    JOIN purchases ON reviews.order_id = purchases.order_id
    QUALIFY row_number() OVER (
        PARTITION BY purchases.customer_unique_id ORDER BY reviews.answered_at DESC, reviews.order_id
    ) = 1
)
SELECT
    $snapshot_month AS snapshot_month,
    totals.customer_unique_id,
    totals.order_count::INTEGER AS order_count,
    totals.purchase_days::INTEGER AS purchase_days,
    totals.first_purchase_date,
    totals.last_purchase_date,
    ($as_of::DATE - 1 - totals.last_purchase_date)::INTEGER AS recency_days,
    ($as_of::DATE - 1 - totals.first_purchase_date)::INTEGER AS age_days,
    totals.value_brl::DECIMAL(14, 2) AS value_brl,
    totals.value_brl::DOUBLE / totals.order_count AS mean_purchase_value_brl,
    totals.freight_brl::DOUBLE / totals.value_brl::DOUBLE AS freight_share,
    totals.item_count::DOUBLE / totals.order_count AS items_per_order,
    first_purchases.item_count AS first_basket_items,
    first_purchases.value_brl::DECIMAL(14, 2) AS first_basket_value_brl,
    month(last_purchases.purchased_at)::TINYINT AS last_purchase_month,
    isodow(last_purchases.purchased_at)::TINYINT AS last_purchase_weekday,
    coalesce(last_purchases.installments, 0)::INTEGER AS installments,
    last_reviews.review_score,
    last_deliveries.delivery_days::INTEGER AS delivery_days,
    last_deliveries.delivery_delay_days::INTEGER AS delivery_delay_days,
    coalesce(last_purchases.category, 'unknown') AS category,
    coalesce(last_purchases.payment_type, 'unknown') AS payment_type,
    last_purchases.city,
    last_purchases.state,
    last_purchases.zip_prefix,
    last_purchases.distance_km
FROM totals
JOIN first_purchases ON totals.customer_unique_id = first_purchases.customer_unique_id
JOIN last_purchases ON totals.customer_unique_id = last_purchases.customer_unique_id
LEFT JOIN last_deliveries ON totals.customer_unique_id = last_deliveries.customer_unique_id
LEFT JOIN last_reviews ON totals.customer_unique_id = last_reviews.customer_unique_id
ORDER BY totals.customer_unique_id
