"""The case as its seats see it: a pure fold over what was said; the database is read in `gather` alone."""
