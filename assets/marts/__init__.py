"""Figures per month and segment, prepared for reading."""
