"""The questions asked of a snapshot: one module each, frozen typed answers, shared by pages and API.

Stays out: how answers are worded, formatted or drawn (`dashboard.pages`).
"""
