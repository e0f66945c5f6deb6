-- The history of all months up to the newest: how the models were judged before they served.
SELECT
    snapshot_month,
    model,
    metric,
    value,
    low,
    high,
    baseline,
    baseline_value,
    baseline_low,
    baseline_high,
    evaluated_from,
    evaluated_to
FROM marts.model_quality
WHERE snapshot_month <= $snapshot_month AND kind = 'validation'
ORDER BY snapshot_month, model, metric
