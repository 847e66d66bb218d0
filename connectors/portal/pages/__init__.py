"""The portal's pages: one file per subject, each a blueprint; `app.py` has the table of them."""
