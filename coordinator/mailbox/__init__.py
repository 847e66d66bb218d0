"""The way out: collect, withdraw, acknowledge; see `flow.py`."""
