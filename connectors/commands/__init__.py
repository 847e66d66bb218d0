"""The commands of `accord`, one file for each subject."""
