"""E-mail to citizens: that something is new, never what; queued in the database, sent by SMTP."""
