-- One row per customer and month: frequency, recency, T and monetary_value as in lifetimes.
-- Same-day orders are one purchase occasion; the first occasion counts in T and recency only.
WITH
purchases AS (SELECT * FROM staging.purchases),
occasions AS (
    SELECT customer_unique_id, purchased_at::DATE AS purchase_date, sum(value_brl) AS value_brl
    FROM purchases
    WHERE purchased_at < $as_of
    GROUP BY ALL
),
totals AS (
    SELECT
        customer_unique_id,
        count(*) - 1 AS frequency,
        min(purchase_date) AS first_date,
        max(purchase_date) AS last_date,
        sum(value_brl) - arg_min(value_brl, purchase_date) AS repeat_value_brl
    FROM occasions
    GROUP BY customer_unique_id
)
SELECT
    $snapshot_month AS snapshot_month,
    customer_unique_id,
    frequency::INTEGER AS frequency,
    (last_date - first_date)::INTEGER AS recency,
    ($observation_end - first_date)::INTEGER AS T,
    coalesce(repeat_value_brl::DOUBLE / nullif(frequency, 0), 0) AS monetary_value
FROM totals
