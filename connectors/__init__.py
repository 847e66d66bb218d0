"""Runs at the edge: what every agency's and every portal's connector does. Knows the coordinator only by HTTP."""
