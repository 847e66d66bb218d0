"""Runs at the edge: what every agency's and every portal's connector does. Meets the coordinator by HTTP."""
