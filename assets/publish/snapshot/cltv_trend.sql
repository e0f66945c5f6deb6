-- The history of all months up to the newest.
FROM marts.cltv_trend WHERE snapshot_month <= $snapshot_month ORDER BY snapshot_month
