"""What an admitted message changes in the register: one file for each family that changes something."""
