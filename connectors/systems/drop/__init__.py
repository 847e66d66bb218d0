"""The drop folder: CSV files that an agency's export writes, taken in one by one; `flow.py` has the steps."""
