"""Churn: the probability that a customer makes no purchase within the horizon, and its honest judgement.

Stays out: reading tables and keeping models; heavy packages are imported by the module that needs them.
"""
