-- One row per expectation, as the latest check of each table found it; the snapshot itself is checked later.
SELECT
    table_name,
    expectation,
    column_name,
    severity,
    is_passed,
    observed,
    observed_coded,
    meaning,
    meaning_coded
FROM publish.data_checks
WHERE table_name <> 'publish.dashboard_snapshot'
ORDER BY ALL
