"""The peers' own sides, each run by the Python of its own environment: nothing of Accord is needed there."""
