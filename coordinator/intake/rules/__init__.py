"""What makes each type of message lawful: one file for each family, pure over the register and the time."""
