-- What the checks and the models of the newest month warn of.
SELECT
    'check ' || table_name || ' ' || expectation AS alert_id,
    'data_warning' AS kind,
    'warning' AS severity,
    NULL::VARCHAR AS dimension,
    table_name AS subject,
    expectation,
    observed AS detail,
    observed_coded AS detail_coded,
    format('{} Not so: {}.', meaning, observed) AS message,
    NULL::DOUBLE AS value,
    NULL::DOUBLE AS value_before,
    NULL::VARCHAR AS compared_with
FROM publish.data_checks
WHERE NOT is_passed AND NOT starts_with(table_name, 'publish.')
UNION ALL
SELECT
    'model ' || model_name,
    'model_warning',
    'warning',
    NULL,
    model_name,
    NULL,
    if(status = 'fitted', decision_reason, reason),
    if(status = 'fitted', decision_reason_coded, reason_coded),
    if(status = 'fitted', 'The month''s version was held back. ' || decision_reason, reason),
    NULL,
    NULL,
    NULL
FROM (
    SELECT model_name, status, reason, reason_coded, decision, decision_reason, decision_reason_coded
    FROM models.cltv_model
    WHERE snapshot_month = $snapshot_month
    UNION ALL
    SELECT model_name, status, reason, reason_coded, decision, decision_reason, decision_reason_coded
    FROM models.churn_model
    WHERE snapshot_month = $snapshot_month
)
WHERE status <> 'fitted' OR decision = 'held'
