"""Benchmarks: figures and ratios against a peer measured in the same run. Printed, never asserted."""
