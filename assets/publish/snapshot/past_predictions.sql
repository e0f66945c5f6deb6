-- What earlier scores foretold against what happened, seen from every month up to the newest.
FROM marts.past_predictions WHERE snapshot_month <= $snapshot_month ORDER BY snapshot_month, model, metric
