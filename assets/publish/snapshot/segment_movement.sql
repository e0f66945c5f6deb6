-- One row per dimension and pair of segments that customers moved between since the month before; new ones come from none.
WITH
months AS (SELECT max(snapshot_month) AS newest FROM snapshot.customer_history),
earlier AS (
    SELECT customer_unique_id, value_tier, risk_band, rfm_segment FROM snapshot.customer_history
    WHERE snapshot_month = (
        SELECT max(snapshot_month) FROM snapshot.customer_history WHERE snapshot_month < (SELECT newest FROM months)
    )
),
pairs AS (
    SELECT
        unnest(['value_tier', 'risk_band', 'rfm_segment']) AS dimension,
        unnest([earlier.value_tier, earlier.risk_band, earlier.rfm_segment]) AS segment_before,
        unnest([customers.value_tier, customers.risk_band, customers.rfm_segment]) AS segment,
        customers.cltv
    FROM snapshot.customers AS customers
    LEFT JOIN earlier ON customers.customer_unique_id = earlier.customer_unique_id
    WHERE EXISTS (FROM earlier)
)
SELECT dimension, segment_before, segment, count(*) AS customers, exact_sum(cltv) AS cltv_total
FROM pairs
GROUP BY ALL
ORDER BY ALL
