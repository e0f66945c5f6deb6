-- One row per month, kind, model and metric: the figure on data the model had not seen, beside a naive baseline, and
-- how the scores of an earlier month came out.
WITH
past AS (SELECT * FROM marts.past_predictions WHERE snapshot_month = $snapshot_month),
models AS (
    SELECT model_name, evaluated_from, evaluated_to, metrics FROM models.cltv_model
    WHERE snapshot_month = $snapshot_month
    UNION ALL
    SELECT model_name, evaluated_from, evaluated_to, metrics FROM models.churn_model
    WHERE snapshot_month = $snapshot_month
),
figures AS (
    SELECT
        model_name,
        evaluated_from,
        evaluated_to,
        unnest(from_json(metrics, '[{"metric": "VARCHAR", "value": "DOUBLE", "low": "DOUBLE", "high": "DOUBLE",
            "baseline": "VARCHAR", "baseline_value": "DOUBLE", "baseline_low": "DOUBLE", "baseline_high": "DOUBLE"}]'))
            AS figure
    FROM models
)
SELECT
    $snapshot_month AS snapshot_month,
    'validation' AS kind,
    model_name AS model,
    figure.metric,
    figure.value,
    figure.low,
    figure.high,
    figure.baseline,
    figure.baseline_value,
    figure.baseline_low,
    figure.baseline_high,
    NULL AS scored_month,
    evaluated_from,
    evaluated_to
FROM figures
UNION ALL
SELECT
    $snapshot_month,
    'outcome',
    model,
    metric,
    value,
    low,
    high,
    NULL,
    NULL,
    NULL,
    NULL,
    scored_month,
    evaluated_from,
    evaluated_to
FROM past
ORDER BY kind, model, metric
