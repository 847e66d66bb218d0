"""The connector's local HTTP API: the agency's own software and the commands speak to the running connector
here.
"""
