"""The way in: fetch, verify, open, judge, store, acknowledge."""
