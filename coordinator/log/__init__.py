"""The transparency log: one order for everything that was decided, and the proofs of it."""
