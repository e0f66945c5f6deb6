-- One row per customer and month: value tier, age band, RFM scores and segment, recommended action.
-- RFM scores are bands of values. Quantiles would collapse where nearly everybody has bought once.
WITH
rfm AS (SELECT * FROM features.customer_rfm WHERE snapshot_month = $snapshot_month),
behaviour AS (SELECT * FROM features.customer_behaviour WHERE snapshot_month = $snapshot_month),
cltv AS (SELECT * FROM scores.customer_cltv WHERE snapshot_month = $snapshot_month),
churn AS (SELECT * FROM scores.customer_churn WHERE snapshot_month = $snapshot_month),
persons AS (SELECT * FROM staging.customers),
value_border AS (SELECT quantile_disc(cltv, 1 - $high_value_share) AS cltv FROM cltv),
known AS (
    SELECT
        rfm.customer_unique_id,
        CASE
            WHEN cltv.cltv IS NULL THEN 'Unknown'
            WHEN cltv.cltv > value_border.cltv THEN 'High Value'
            ELSE 'Low Value'
        END AS value_tier,
        age_band(persons.birth_date, $observation_end) AS age_band,
        CASE
            WHEN behaviour.recency_days <= 30 THEN 5
            WHEN behaviour.recency_days <= 90 THEN 4
            WHEN behaviour.recency_days <= 180 THEN 3
            WHEN behaviour.recency_days <= 365 THEN 2
            ELSE 1
        END AS recency_score,
        CASE
            WHEN rfm.frequency >= 4 THEN 5
            WHEN rfm.frequency = 3 THEN 4
            WHEN rfm.frequency = 2 THEN 3
            WHEN rfm.frequency = 1 THEN 2
            ELSE 1
        END AS frequency_score,
        CASE
            WHEN behaviour.value_brl >= 500 THEN 5
            WHEN behaviour.value_brl >= 250 THEN 4
            WHEN behaviour.value_brl >= 120 THEN 3
            WHEN behaviour.value_brl >= 60 THEN 2
            ELSE 1
        END AS monetary_score,
        churn.risk_band,
        behaviour.recency_days,
        behaviour.review_score,
        behaviour.delivery_delay_days
    FROM rfm
    JOIN behaviour ON rfm.customer_unique_id = behaviour.customer_unique_id
    JOIN cltv ON rfm.customer_unique_id = cltv.customer_unique_id
    JOIN churn ON rfm.customer_unique_id = churn.customer_unique_id
    CROSS JOIN value_border
    LEFT JOIN persons ON rfm.customer_unique_id = persons.customer_unique_id
),
named AS (
    SELECT
        *,
        CASE
            WHEN frequency_score >= 3 AND recency_score >= 4 THEN 'Champions'
            WHEN frequency_score >= 2 AND recency_score >= 3 THEN 'Loyal'
            WHEN frequency_score >= 2 AND recency_score = 2 THEN 'At risk'
            WHEN frequency_score >= 2 THEN 'Hibernating'
            WHEN recency_score = 5 THEN 'New'
            WHEN recency_score = 4 AND monetary_score >= 3 THEN 'Promising'
            WHEN recency_score >= 3 THEN 'Needs attention'
            WHEN recency_score = 2 THEN 'Hibernating'
            ELSE 'Lost'
        END AS rfm_segment
    FROM known
),
advised AS (
    SELECT
        *,
        CASE
            WHEN recency_days <= 180 AND (review_score <= 2 OR delivery_delay_days >= 3) THEN 'Service recovery'
            WHEN value_tier = 'High Value' AND risk_band = 'green' THEN 'VIP promotion'
            WHEN recency_days <= 90 THEN 'Repurchase inducement'
            WHEN value_tier = 'High Value' AND recency_days <= 365 THEN 'Churn prevention'
            WHEN recency_days > 365 THEN 'Win-back'
            ELSE 'Nurture'
        END AS action
    FROM named
)
SELECT
    $snapshot_month AS snapshot_month,
    customer_unique_id,
    value_tier,
    age_band,
    recency_score::TINYINT AS recency_score,
    frequency_score::TINYINT AS frequency_score,
    monetary_score::TINYINT AS monetary_score,
    rfm_segment,
    action,
    CASE action
        WHEN 'Service recovery' THEN if(review_score <= 2, 'bad review', 'late delivery')
        WHEN 'VIP promotion' THEN 'likely to return'
        WHEN 'Churn prevention' THEN 'valuable and silent'
        WHEN 'Win-back' THEN 'silent'
        WHEN 'Repurchase inducement' THEN 'bought lately'
        ELSE 'modest and silent'
    END AS action_reason_code,
    CASE action_reason_code
        WHEN 'bad review' THEN review_score
        WHEN 'late delivery' THEN delivery_delay_days
        WHEN 'likely to return' THEN NULL
        ELSE recency_days
    END::INTEGER AS action_reason_value
FROM advised
ORDER BY customer_unique_id
