-- One row per action and hundredth of its customers, those first whose next purchase is expected to be worth most.
WITH
ranked AS (
    SELECT
        action,
        expected_spend,
        cltv,
        ntile(100) OVER (PARTITION BY action ORDER BY expected_spend DESC, customer_unique_id) AS step
    FROM snapshot.customers
    WHERE expected_spend IS NOT NULL
)
SELECT
    action,
    step::INTEGER AS step,
    count(*) AS customers,
    min(expected_spend) AS expected_spend_min,
    exact_sum(expected_spend) AS expected_spend_total,
    exact_sum(cltv) AS cltv_total
FROM ranked
GROUP BY ALL
ORDER BY ALL
