-- One row per customer, at the newest month.
SELECT
    segments.customer_unique_id,
    behaviour.city,
    behaviour.state,
    behaviour.zip_prefix,
    segments.age_band,
    behaviour.order_count,
    behaviour.value_brl,
    behaviour.first_purchase_date,
    behaviour.last_purchase_date,
    behaviour.recency_days,
    rfm.frequency,
    rfm.recency,
    rfm.T,
    rfm.monetary_value,
    behaviour.category,
    behaviour.payment_type,
    behaviour.review_score::DOUBLE AS review_score,
    behaviour.delivery_delay_days,
    cltv.p_alive,
    cltv.p_purchase,
    cltv.expected_purchases_30d,
    cltv.expected_purchases_90d,
    cltv.expected_purchases_180d,
    cltv.expected_purchases_365d,
    cltv.expected_spend,
    cltv.cltv,
    cltv.cltv_low,
    cltv.cltv_high,
    cltv.expected_next_purchase_date,
    churn.churn_probability,
    churn.churn_sensitivity_30d,
    churn.risk_band,
    churn.reasons,
    segments.value_tier,
    segments.recency_score,
    segments.frequency_score,
    segments.monetary_score,
    segments.rfm_segment,
    segments.action,
    segments.action_reason_code,
    segments.action_reason_value,
    row_number() OVER (ORDER BY segments.customer_unique_id) AS position
FROM scores.customer_segments AS segments
JOIN features.customer_rfm AS rfm
    ON segments.snapshot_month = rfm.snapshot_month AND segments.customer_unique_id = rfm.customer_unique_id
JOIN features.customer_behaviour AS behaviour
    ON segments.snapshot_month = behaviour.snapshot_month
    AND segments.customer_unique_id = behaviour.customer_unique_id
JOIN scores.customer_cltv AS cltv
    ON segments.snapshot_month = cltv.snapshot_month AND segments.customer_unique_id = cltv.customer_unique_id
JOIN scores.customer_churn AS churn
    ON segments.snapshot_month = churn.snapshot_month AND segments.customer_unique_id = churn.customer_unique_id
WHERE segments.snapshot_month = $snapshot_month
ORDER BY segments.customer_unique_id
