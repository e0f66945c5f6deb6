-- The history of all months up to the newest.
FROM marts.model_quality WHERE snapshot_month <= $snapshot_month ORDER BY snapshot_month, model, metric
