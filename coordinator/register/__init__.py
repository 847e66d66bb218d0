"""What is in force now: members, keys, agreements, cases, seats, consents and emergencies."""
