"""Ways into an agency's own records, described in TOML: any SQL database, a folder of CSV files, and others.

Reads only. What comes out is a record as the schema names it; whether it may be released is decided
elsewhere.
"""
