-- One row per dimension and segment that a customer is in, numbered from 1.
WITH segments AS (
    SELECT dimension, segment
    FROM (
        UNPIVOT snapshot.customers
        ON value_tier, age_band, risk_band, rfm_segment, action, state
        INTO NAME dimension VALUE segment
    )
)
SELECT
    dimension,
    segment,
    row_number() OVER (PARTITION BY dimension ORDER BY segment) AS code,
    count(*) AS customers
FROM segments
GROUP BY dimension, segment
ORDER BY dimension, code
