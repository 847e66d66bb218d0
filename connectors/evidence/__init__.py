"""One file that proves what happened in a case, and the check of it that needs nothing but the
coordinator's keys.
"""
