-- One row per action and hundredth of its customers, those first who are expected to spend most.
WITH
ranked AS (
    SELECT action, cltv, ntile(100) OVER (PARTITION BY action ORDER BY cltv DESC, customer_unique_id) AS step
    FROM snapshot.customers
    WHERE cltv IS NOT NULL
)
SELECT action, step::INTEGER AS step, count(*) AS customers, min(cltv) AS cltv_min, exact_sum(cltv) AS cltv_total
FROM ranked
GROUP BY ALL
ORDER BY ALL
