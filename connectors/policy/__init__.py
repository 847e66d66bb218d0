"""An agency's own rules about what it releases: allow, ask a person, or deny. In Cedar, checked at load."""
