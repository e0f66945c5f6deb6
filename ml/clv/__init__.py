"""Customer lifetime value: three families of purchase models, Gamma-Gamma for spend, and their holdout proof.

Stays out: reading tables and keeping models; heavy packages are imported by the module that needs them.
"""
