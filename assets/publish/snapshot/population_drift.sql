-- How far the newest month's customers have moved from those that the churn model learned from.
SELECT model_version, feature, psi, validated_psi FROM marts.population_drift
WHERE snapshot_month = $snapshot_month
ORDER BY psi DESC, feature
