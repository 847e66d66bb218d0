"""How long things stay: expiry, erasure, and who has confirmed it."""
