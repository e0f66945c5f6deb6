"""The web dashboard, and the contract of the snapshot it reads.

Stays out: the pipeline. The dashboard opens published files alone and never the warehouse.
"""
