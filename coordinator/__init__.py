"""Runs in the middle: admits, orders, records and delivers messages, and can open none of the sealed ones."""
