"""What the portal keeps of accounts, mandates, receipts and e-mail; cases are in the connector's store."""
