"""The story that `ops/demo` plays: real processes on one machine, from the first handshake to an erasure."""
