"""What exists: one folder per layer, one file per table, and the resources they stand on.

Stays out: wiring. Jobs, schedules, settings and the command line live in `orchestration`.
"""
