"""The types of message: one file for each family, with the envelope that is around all of them."""
