-- One row per customer: what the list is filtered, sorted and added up by. Comparing whole numbers takes a fraction of
-- the time of comparing texts, and stored by segment, most of them need not be looked at. A rank is the place in the
-- rising order of a figure, alike ones by id, where there is a figure.
SELECT
    position,
    if(cltv IS NULL, NULL, row_number() OVER (ORDER BY cltv NULLS LAST, position)) AS cltv_rank,
    if(churn_probability IS NULL, NULL, row_number() OVER (ORDER BY churn_probability NULLS LAST, position))
        AS churn_probability_rank,
    if(value_brl IS NULL, NULL, row_number() OVER (ORDER BY value_brl NULLS LAST, position)) AS value_brl_rank,
    if(last_purchase_date IS NULL, NULL, row_number() OVER (ORDER BY last_purchase_date NULLS LAST, position))
        AS last_purchase_date_rank,
    if(order_count IS NULL, NULL, row_number() OVER (ORDER BY order_count NULLS LAST, position)) AS order_count_rank,
    value_tiers.code AS value_tier_code,
    age_bands.code AS age_band_code,
    risk_bands.code AS risk_band_code,
    rfm_segments.code AS rfm_segment_code,
    actions.code AS action_code,
    states.code AS state_code,
    cltv,
    value_brl,
    last_purchase_date
FROM snapshot.customers AS customers
LEFT JOIN snapshot.segment_codes AS value_tiers
    ON value_tiers.dimension = 'value_tier' AND value_tiers.segment = value_tier
LEFT JOIN snapshot.segment_codes AS age_bands
    ON age_bands.dimension = 'age_band' AND age_bands.segment = age_band
LEFT JOIN snapshot.segment_codes AS risk_bands
    ON risk_bands.dimension = 'risk_band' AND risk_bands.segment = risk_band
LEFT JOIN snapshot.segment_codes AS rfm_segments
    ON rfm_segments.dimension = 'rfm_segment' AND rfm_segments.segment = rfm_segment
LEFT JOIN snapshot.segment_codes AS actions
    ON actions.dimension = 'action' AND actions.segment = action
LEFT JOIN snapshot.segment_codes AS states
    ON states.dimension = 'state' AND states.segment = state
ORDER BY value_tier_code, risk_band_code, rfm_segment_code, last_purchase_date, position
