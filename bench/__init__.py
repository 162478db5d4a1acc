"""Benchmarks: measured beside what they are compared with, in one run, because only ratios travel between machines."""
