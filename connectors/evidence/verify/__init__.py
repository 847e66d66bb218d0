"""The check of an evidence file, offline. Open `flow.py` first."""
