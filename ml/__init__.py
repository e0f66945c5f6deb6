"""Statistics: lifetime value, churn and the simulator.

Stays out: Dagster, MLflow, databases, clocks and environment variables. Functions take frames, an explicit as-of
date and a frozen config, and return frozen results.
"""
