"""The pages: one module each, with its route and the typed context of its template.

Stays out: asking the snapshot (`dashboard.queries`) and the markup (`dashboard/templates`).
"""
