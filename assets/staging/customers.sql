-- One row per person: last known address and age.
WITH
buyers AS (SELECT * FROM raw.customers),
orders AS (SELECT * FROM raw.orders),
demographics AS (SELECT * FROM raw.customer_demographics),
last_day AS (SELECT max(order_purchase_timestamp)::DATE AS last_day FROM orders),
addresses AS (
    SELECT
        buyers.customer_unique_id,
        buyers.customer_city AS city,
        buyers.customer_state AS state,
        buyers.customer_zip_code_prefix AS zip_prefix
    FROM buyers
    LEFT JOIN orders ON buyers.customer_id = orders.customer_id
    QUALIFY row_number() OVER (
        PARTITION BY buyers.customer_unique_id
        ORDER BY orders.order_purchase_timestamp DESC NULLS LAST, buyers.customer_id
    ) = 1
)
SELECT
    addresses.customer_unique_id,
    addresses.city,
    addresses.state,
    addresses.zip_prefix,
    demographics.birth_date,
    age_band(demographics.birth_date, last_day.last_day) AS age_band
FROM addresses
CROSS JOIN last_day
LEFT JOIN demographics ON addresses.customer_unique_id = demographics.customer_unique_id
ORDER BY addresses.customer_unique_id
