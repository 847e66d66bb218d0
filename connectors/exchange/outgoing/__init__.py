"""The way out: collect, minimise, attest, seal, send."""
