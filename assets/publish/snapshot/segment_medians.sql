-- One row per dimension and segment: the customer in the middle. Dimension 'total' has the one segment 'All'.
WITH
pairs AS (
    SELECT
        unnest(['total', 'value_tier', 'age_band', 'risk_band', 'rfm_segment']) AS dimension,
        unnest(['All', value_tier, age_band, risk_band, rfm_segment]) AS segment,
        order_count,
        value_brl,
        recency_days,
        review_score,
        cltv,
        churn_probability
    FROM snapshot.customers
)
SELECT
    dimension,
    segment,
    count(*) AS customers,
    median(order_count) AS order_count,
    median(value_brl::DOUBLE) AS value_brl,
    median(recency_days) AS recency_days,
    median(review_score) AS review_score,
    median(cltv) AS cltv,
    median(churn_probability) AS churn_probability
FROM pairs
GROUP BY ALL
ORDER BY ALL
