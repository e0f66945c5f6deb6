"""Purchases, customers and reviews, cleaned and joined once for everything above."""
