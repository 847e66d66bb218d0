"""The commands of `accord coordinator`, one file for each subject."""
