-- One row per zip prefix: where it lies, as the median of its points inside Brazil.
WITH
points AS (
    SELECT * FROM raw.geolocation
    WHERE geolocation_lat BETWEEN -34 AND 6 AND geolocation_lng BETWEEN -74.1 AND -28
)
SELECT
    geolocation_zip_code_prefix AS zip_prefix,
    median(geolocation_lat) AS latitude,
    median(geolocation_lng) AS longitude,
    count(*)::INTEGER AS point_count
FROM points
GROUP BY geolocation_zip_code_prefix
ORDER BY zip_prefix
