"""The portal's pages: one file per subject, each a blueprint; `connectors.portal.app` has the table of them."""
