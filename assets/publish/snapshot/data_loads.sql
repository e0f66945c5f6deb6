-- One row per source file.
FROM raw.loads ORDER BY table_name
