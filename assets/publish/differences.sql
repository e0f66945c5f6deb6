-- What changed since the snapshot published before, which is attached as `before`.
WITH
customers AS (
    SELECT segments.customer_unique_id, segments.value_tier, churn.risk_band, churn.churn_probability, cltv.cltv
    FROM scores.customer_segments AS segments
    JOIN scores.customer_churn AS churn
        ON segments.snapshot_month = churn.snapshot_month
        AND segments.customer_unique_id = churn.customer_unique_id
    JOIN scores.customer_cltv AS cltv
        ON segments.snapshot_month = cltv.snapshot_month AND segments.customer_unique_id = cltv.customer_unique_id
    WHERE segments.snapshot_month = $snapshot_month
),
turned_red AS (
    SELECT customers.*, earlier.churn_probability AS churn_probability_before
    FROM customers
    JOIN before.customers AS earlier ON customers.customer_unique_id = earlier.customer_unique_id
    WHERE customers.value_tier = 'High Value' AND customers.risk_band = 'red'
        AND earlier.risk_band IN ('green', 'yellow')
),
now_summary AS (SELECT * FROM marts.segment_summary WHERE snapshot_month = $snapshot_month),
before_month AS (SELECT max(snapshot_month) AS snapshot_month FROM before.segment_summary),
before_summary AS (
    SELECT * FROM before.segment_summary WHERE snapshot_month = (SELECT snapshot_month FROM before_month)
),
jumps AS (
    SELECT
        coalesce(now_summary.dimension, before_summary.dimension) AS dimension,
        coalesce(now_summary.segment, before_summary.segment) AS segment,
        coalesce(now_summary.customers_share, 0) AS share,
        coalesce(before_summary.customers_share, 0) AS share_before
    FROM now_summary
    FULL JOIN before_summary
        ON now_summary.dimension = before_summary.dimension AND now_summary.segment = before_summary.segment
)
SELECT
    'turned_red' AS alert_id,
    'customers_turned_red' AS kind,
    'critical' AS severity,
    'value_tier' AS dimension,
    'High Value' AS subject,
    NULL::VARCHAR AS expectation,
    NULL::VARCHAR AS detail,
    NULL::VARCHAR AS detail_coded,
    format('{:,} High Value customers turned red.', count(*)) AS message,
    count(*)::DOUBLE AS value,
    NULL::DOUBLE AS value_before,
    $compared_with AS compared_with
FROM turned_red
HAVING count(*) > 0
UNION ALL
SELECT
    'turned_red ' || customer_unique_id,
    'customer_turned_red',
    'critical',
    NULL,
    customer_unique_id,
    NULL,
    NULL,
    NULL,
    'A High Value customer turned red.',
    churn_probability,
    churn_probability_before,
    $compared_with
FROM (SELECT * FROM turned_red ORDER BY cltv DESC, customer_unique_id LIMIT 100)
UNION ALL
SELECT
    'jump ' || dimension || ' ' || segment,
    'segment_jumped',
    if(dimension = 'risk_band' AND segment = 'red' AND share > share_before, 'critical', 'warning'),
    dimension,
    segment,
    NULL,
    NULL,
    NULL,
    format('The share of {} went from {:.1f} % to {:.1f} % of all customers.', segment, 100 * share_before, 100 * share),
    share,
    share_before,
    $compared_with
FROM jumps
WHERE dimension <> 'total' AND abs(share - share_before) >= $alert_jump
