-- One row per order that counts: not canceled, not unavailable, value above zero.
-- The value is the sum of price and freight of the items; payments are kept beside it, not added.
WITH
orders AS (SELECT * FROM raw.orders),
buyers AS (SELECT * FROM raw.customers),
items AS (SELECT * FROM raw.order_items),
sellers AS (SELECT * FROM raw.sellers),
places AS (SELECT * FROM staging.places),
payments AS (SELECT * FROM raw.order_payments),
products AS (SELECT * FROM raw.products),
translations AS (SELECT * FROM raw.category_translation),
categories AS (
    SELECT
        products.product_id,
        coalesce(translations.product_category_name_english, products.product_category_name) AS category
    FROM products
    LEFT JOIN translations ON products.product_category_name = translations.product_category_name
),
order_items AS (
    SELECT
        items.order_id,
        sum(items.price) AS price_brl,
        sum(items.freight_value) AS freight_brl,
        count(*) AS item_count,
        to_json(list(
            {'category': categories.category, 'price_brl': items.price, 'freight_brl': items.freight_value}
            ORDER BY items.order_item_id
        ))::VARCHAR AS items,
        first(categories.category ORDER BY items.price DESC, items.order_item_id) AS category,
        first(sellers.seller_zip_code_prefix ORDER BY items.price DESC, items.seller_id) AS seller_zip_prefix
    FROM items
    LEFT JOIN categories ON items.product_id = categories.product_id
    LEFT JOIN sellers ON items.seller_id = sellers.seller_id
    GROUP BY items.order_id
),
order_payments AS (
    SELECT
        order_id,
        sum(payment_value) AS payment_brl,
        max(payment_installments) AS installments,
        first(payment_type ORDER BY payment_value DESC, payment_sequential) AS payment_type
    FROM payments
    GROUP BY order_id
)
SELECT
    orders.order_id,
    buyers.customer_unique_id,
    orders.order_status,
    orders.order_purchase_timestamp AS purchased_at,
    (order_items.price_brl + order_items.freight_brl)::DECIMAL(12, 2) AS value_brl,
    order_items.price_brl::DECIMAL(12, 2) AS price_brl,
    order_items.freight_brl::DECIMAL(12, 2) AS freight_brl,
    order_payments.payment_brl::DECIMAL(12, 2) AS payment_brl,
    order_items.item_count::INTEGER AS item_count,
    order_items.items,
    order_items.category,
    order_payments.payment_type,
    order_payments.installments,
    orders.order_delivered_customer_date AS delivered_at,
    orders.order_estimated_delivery_date::DATE AS estimated_delivery_date,
    buyers.customer_city AS city,
    buyers.customer_state AS state,
    buyers.customer_zip_code_prefix AS zip_prefix,
    order_items.seller_zip_prefix,
    -- Great circle by the haversine formula on a sphere of the Earth's mean radius, 6371.0088 km.
    2 * 6371.0088 * asin(sqrt(
        sin(radians(destination.latitude - origin.latitude) / 2) ** 2
        + cos(radians(origin.latitude)) * cos(radians(destination.latitude))
        * sin(radians(destination.longitude - origin.longitude) / 2) ** 2
    )) AS distance_km
FROM orders
JOIN buyers ON orders.customer_id = buyers.customer_id
JOIN order_items ON orders.order_id = order_items.order_id
LEFT JOIN order_payments ON orders.order_id = order_payments.order_id
LEFT JOIN places AS origin ON order_items.seller_zip_prefix = origin.zip_prefix
LEFT JOIN places AS destination ON buyers.customer_zip_code_prefix = destination.zip_prefix
WHERE orders.order_status NOT IN ('canceled', 'unavailable')
    AND order_items.price_brl + order_items.freight_brl > 0
ORDER BY orders.order_purchase_timestamp, orders.order_id
