"""What assets stand on: the warehouse, the source files, the model tracking and the publisher.

Stays out: settings; `orchestration` configures these.
"""
