-- One row per month: customers, what they bought in the month, and what they are expected to spend.
WITH
behaviour AS (SELECT * FROM features.customer_behaviour WHERE snapshot_month = $snapshot_month),
cltv AS (SELECT * FROM scores.customer_cltv WHERE snapshot_month = $snapshot_month),
forecast AS (
    SELECT cltv_low, cltv_high FROM marts.segment_forecast
    WHERE snapshot_month = $snapshot_month AND dimension = 'total'
),
segments AS (SELECT * FROM scores.customer_segments WHERE snapshot_month = $snapshot_month),
purchases AS (
    SELECT * FROM staging.purchases
    WHERE purchased_at >= date_trunc('month', $observation_end) AND purchased_at < $as_of
),
bought AS (SELECT count(*) AS purchases, coalesce(sum(value_brl), 0) AS revenue_brl FROM purchases),
valued AS (
    SELECT
        count(*) AS customers,
        count(*) FILTER (WHERE behaviour.first_purchase_date >= date_trunc('month', $observation_end)) AS new_customers,
        exact_sum(cltv.cltv) AS cltv_total,
        exact_mean(cltv.cltv) AS cltv_mean,
        exact_sum(if(segments.value_tier = 'High Value', cltv.cltv, NULL)) AS cltv_high_value,
        exact_sum(if(segments.value_tier = 'Low Value', cltv.cltv, NULL)) AS cltv_low_value
    FROM behaviour
    JOIN cltv ON behaviour.customer_unique_id = cltv.customer_unique_id
    JOIN segments ON behaviour.customer_unique_id = segments.customer_unique_id
)
SELECT
    $snapshot_month AS snapshot_month,
    $as_of::DATE AS as_of_date,
    valued.customers,
    valued.new_customers,
    bought.purchases,
    bought.revenue_brl::DECIMAL(38, 2) AS revenue_brl,
    valued.cltv_total,
    forecast.cltv_low,
    forecast.cltv_high,
    valued.cltv_mean,
    valued.cltv_high_value,
    valued.cltv_low_value
FROM valued
CROSS JOIN bought
LEFT JOIN forecast ON TRUE
