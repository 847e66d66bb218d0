"""What the pages of portal and workspace share: frame, languages, sessions, sign-in, forms, the case page."""
