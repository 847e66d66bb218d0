"""One case page for every seat: the citizen and the caseworker see the same tabs over the same case."""
