"""Frozen messages, good and bad, each with the code that is expected of every implementation."""
