-- The alerts of this snapshot.
FROM publish.alerts ORDER BY alert_id
