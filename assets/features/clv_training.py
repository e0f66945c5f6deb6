"""Sufficient statistics of the purchase histories: what BG/NBD is fitted and judged on."""

from __future__ import annotations

from datetime import timedelta

from assets.catalog import table_sql
from assets.work import Built, Work

_RFM_AT_CUTOFF = (
    table_sql("features.customer_rfm").replace("$as_of", "$cutoff").replace("$observation_end", "$cutoff_end")
)

QUERIES = {
    "statistics": f"""
        WITH
        history AS ({_RFM_AT_CUTOFF}),
        ahead AS (
            SELECT
                customer_unique_id,
                count(DISTINCT purchased_at::DATE) AS holdout_purchases,
                sum(value_brl) AS holdout_value_brl
            FROM staging.purchases
            WHERE purchased_at >= $cutoff AND purchased_at < $as_of
            GROUP BY customer_unique_id
        )
        SELECT
            $snapshot_month AS snapshot_month, 'calibration' AS split, frequency, recency, T, monetary_value,
            coalesce(holdout_purchases, 0)::INTEGER AS holdout_purchases,
            coalesce(sum(holdout_value_brl), 0)::DECIMAL(14, 2) AS holdout_value_brl,
            count(*) AS customers
        FROM history
        LEFT JOIN ahead ON history.customer_unique_id = ahead.customer_unique_id
        GROUP BY ALL
        UNION ALL
        SELECT $snapshot_month, 'full', frequency, recency, T, NULL, NULL, NULL, count(*)
        FROM features.customer_rfm
        WHERE snapshot_month = $snapshot_month
        GROUP BY ALL
        ORDER BY ALL
    """
}


def build(work: Work) -> Built:
    """Count customers by history: up to the as-of date, and up to one horizon before it with what followed."""
    cutoff = work.parameters["as_of"] - timedelta(days=work.parameters["horizon_days"])
    rows = work.replace(QUERIES["statistics"], cutoff=cutoff, cutoff_end=(cutoff - timedelta(days=1)).date())
    return Built(rows, facts={"calibrated_to": str(cutoff.date())})
