"""The schemas as JSON Schema, for programs in other languages. Made by `python -m schemas.published`."""
