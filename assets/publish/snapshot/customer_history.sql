-- One row per customer and month.
SELECT
    segments.snapshot_month,
    segments.customer_unique_id,
    cltv.cltv,
    churn.churn_probability,
    churn.risk_band,
    segments.value_tier,
    segments.rfm_segment
FROM scores.customer_segments AS segments
JOIN scores.customer_cltv AS cltv
    ON segments.snapshot_month = cltv.snapshot_month AND segments.customer_unique_id = cltv.customer_unique_id
JOIN scores.customer_churn AS churn
    ON segments.snapshot_month = churn.snapshot_month AND segments.customer_unique_id = churn.customer_unique_id
WHERE segments.snapshot_month <= $snapshot_month
ORDER BY segments.customer_unique_id, segments.snapshot_month
