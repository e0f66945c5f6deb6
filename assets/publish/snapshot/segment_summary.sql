-- The history of all months up to the newest.
FROM marts.segment_summary WHERE snapshot_month <= $snapshot_month ORDER BY snapshot_month, dimension, segment
