-- One row per month and calendar week: customers who bought for the first time, and repeat purchases.
-- Every week up to the as-of date has a row, also one in which nobody bought.
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
),
weeks AS (
    SELECT unnest(generate_series(date_trunc('week', min(purchase_date)), $observation_end, INTERVAL 7 DAY))::DATE
        AS week_start
    FROM occasions
)
SELECT
    $snapshot_month AS snapshot_month,
    weeks.week_start,
    count(*) FILTER (WHERE told_apart.is_first) AS new_customers,
    count(*) FILTER (WHERE NOT told_apart.is_first) AS repeat_purchases
FROM weeks
LEFT JOIN told_apart ON weeks.week_start = date_trunc('week', told_apart.purchase_date)
GROUP BY weeks.week_start
ORDER BY weeks.week_start
