-- One row per month and model: the version that served it, and what became of the version fitted in it.
SELECT
    snapshot_month,
    model_name AS model,
    model_version,
    choice,
    trained_version,
    status,
    reason,
    reason_coded,
    decision,
    decision_reason,
    decision_reason_coded
FROM (FROM models.cltv_model UNION ALL BY NAME FROM models.churn_model)
WHERE snapshot_month <= $snapshot_month
ORDER BY snapshot_month, model
