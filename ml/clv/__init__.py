"""Customer lifetime value: BG/NBD for purchases, Gamma-Gamma for spend, and their holdout proof.

Stays out: reading tables and keeping models; heavy packages are imported by the module that needs them.
"""
