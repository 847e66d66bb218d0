"""Everything of one person in one file: to read, to process, and to verify without this service."""
