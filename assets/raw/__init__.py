"""The source files as they came: typed, complete, with what was rejected kept beside them.

Stays out: cleaning and joining (`assets.staging`).
"""
