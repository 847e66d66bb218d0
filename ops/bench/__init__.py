"""Benches: each measures real processes, checks every answer, and prints figures beside those to reach."""
