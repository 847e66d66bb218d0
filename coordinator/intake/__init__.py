"""The way in: verify, validate, authorise, record, deliver; see `flow.py`."""
