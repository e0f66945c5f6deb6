-- One row per combination of value tier, age band, risk band, RFM segment and action that has customers.
SELECT
    value_tier,
    age_band,
    risk_band,
    rfm_segment,
    action,
    count(*) AS customers,
    count(*) FILTER (WHERE recency_days < $horizon_days) AS active_customers,
    count(*) FILTER (WHERE frequency > 0) AS repeat_customers,
    count(churn_probability) AS scored_customers,
    sum(order_count)::BIGINT AS order_count,
    sum(value_brl)::DECIMAL(38, 2) AS value_brl,
    exact_sum(cltv) AS cltv_total,
    exact_sum(churn_probability) AS churn_probability_total,
    exact_sum(churn_sensitivity_30d) AS churn_sensitivity_total
FROM snapshot.customers
GROUP BY ALL
ORDER BY ALL
