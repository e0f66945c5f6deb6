"""The JSON API: the answers of `dashboard.queries` as they are, an address prefix `/api/v1` and a module for each part.

Stays out: the pages, which show the same answers (`dashboard.pages`).
"""
