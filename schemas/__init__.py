"""What is said: the signed messages, statements, consents and proofs that both sides share.

Imports nothing of the coordinator or the connectors and does no input or output.
"""
