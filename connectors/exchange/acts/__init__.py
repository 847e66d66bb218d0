"""What people and the agency's own software do with a connector: one file per subject, one function per act.

Each act takes the connector, checks what can be known here, signs, and puts messages into the outbox in the
same transaction as what it changes. Nothing here waits for the coordinator, except where its docstring says
so.
"""
