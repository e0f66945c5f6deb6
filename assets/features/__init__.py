"""What was known of each customer at a month's as-of date, and what the models learn from."""
