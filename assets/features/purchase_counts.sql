-- One row per month and day on which somebody bought: customers who bought for the first time, and repeat purchases.
WITH
purchases AS (SELECT * FROM staging.purchases WHERE purchased_at < $as_of),
occasions AS (
    SELECT customer_unique_id, purchased_at::DATE AS purchase_date
    FROM purchases
    GROUP BY ALL
),
told_apart AS (
    SELECT purchase_date, purchase_date = min(purchase_date) OVER (PARTITION BY customer_unique_id) AS is_first
    FROM occasions
)
SELECT
    $snapshot_month AS snapshot_month,
    purchase_date,
    count(*) FILTER (WHERE is_first) AS new_customers,
    count(*) FILTER (WHERE NOT is_first) AS repeat_purchases
FROM told_apart
GROUP BY purchase_date
ORDER BY purchase_date
