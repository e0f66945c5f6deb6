-- One row per month, dimension and segment: size, value, expected value, loyalty and risk. Dimension 'total' has one.
WITH
segments AS (SELECT * FROM scores.customer_segments WHERE snapshot_month = $snapshot_month),
rfm AS (SELECT * FROM features.customer_rfm WHERE snapshot_month = $snapshot_month),
behaviour AS (SELECT * FROM features.customer_behaviour WHERE snapshot_month = $snapshot_month),
cltv AS (SELECT * FROM scores.customer_cltv WHERE snapshot_month = $snapshot_month),
churn AS (SELECT * FROM scores.customer_churn WHERE snapshot_month = $snapshot_month),
forecast AS (SELECT * FROM marts.segment_forecast WHERE snapshot_month = $snapshot_month),
customers AS (
    SELECT
        segments.value_tier,
        segments.age_band,
        segments.rfm_segment,
        segments.action,
        churn.risk_band,
        rfm.frequency,
        behaviour.recency_days,
        behaviour.order_count,
        behaviour.value_brl,
        cltv.cltv,
        cltv.expected_purchases_180d,
        churn.churn_probability,
        churn.churn_sensitivity_30d
    FROM segments
    JOIN rfm ON segments.customer_unique_id = rfm.customer_unique_id
    JOIN behaviour ON segments.customer_unique_id = behaviour.customer_unique_id
    JOIN cltv ON segments.customer_unique_id = cltv.customer_unique_id
    JOIN churn ON segments.customer_unique_id = churn.customer_unique_id
),
grouped AS (
    SELECT
        CASE
            WHEN grouping(value_tier) = 0 THEN 'value_tier'
            WHEN grouping(age_band) = 0 THEN 'age_band'
            WHEN grouping(rfm_segment) = 0 THEN 'rfm_segment'
            WHEN grouping(risk_band) = 0 THEN 'risk_band'
            WHEN grouping(action) = 0 THEN 'action'
            ELSE 'total'
        END AS dimension,
        coalesce(value_tier, age_band, rfm_segment, risk_band, action, 'All') AS segment,
        count(*) AS customers,
        count(*) FILTER (WHERE recency_days < $horizon_days) AS active_customers,
        sum(order_count) AS order_count,
        sum(value_brl) AS value_brl,
        exact_sum(cltv) AS cltv_total,
        exact_mean(cltv) AS cltv_mean,
        exact_sum(expected_purchases_180d) AS expected_purchases_180d,
        count(*) FILTER (WHERE frequency > 0) / count(*) AS repurchase_rate,
        exact_mean(churn_probability) AS churn_probability_mean,
        exact_mean(churn_sensitivity_30d) AS churn_sensitivity_30d
    FROM customers
    GROUP BY GROUPING SETS ((value_tier), (age_band), (rfm_segment), (risk_band), (action), ())
)
SELECT
    $snapshot_month AS snapshot_month,
    grouped.dimension,
    grouped.segment,
    grouped.customers,
    grouped.customers / max(grouped.customers) OVER () AS customers_share,
    grouped.active_customers,
    grouped.order_count::BIGINT AS order_count,
    grouped.value_brl::DECIMAL(38, 2) AS value_brl,
    grouped.cltv_total,
    forecast.cltv_low,
    forecast.cltv_high,
    grouped.cltv_mean,
    grouped.expected_purchases_180d,
    grouped.repurchase_rate,
    grouped.churn_probability_mean,
    grouped.churn_sensitivity_30d
FROM grouped
LEFT JOIN forecast ON grouped.dimension = forecast.dimension AND grouped.segment = forecast.segment
ORDER BY grouped.dimension, grouped.segment
