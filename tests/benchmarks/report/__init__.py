"""What docs/results.md is made of: the runs, what is read from them, and the tables.

Stays out: the order of the document (`tests.benchmarks.results`).
"""
