"""Deciding on a request for permission: what is asked, how it is said, and what the answer makes of it."""
