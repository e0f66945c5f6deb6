"""Dagster wiring: definitions, jobs, schedules, checks, settings and the command line.

Stays out: statistics (`ml`), tables (`assets`) and pages (`dashboard`).
"""
