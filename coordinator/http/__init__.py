"""The HTTP edge, the only place where the coordinator speaks Flask: read, call one flow, shape the answer."""
