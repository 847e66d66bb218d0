"""What every connector does: keep keys, send what must not be lost, receive what was verified, keep and
erase.
"""
