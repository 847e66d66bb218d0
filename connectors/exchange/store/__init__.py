"""What a connector remembers: tables, the database behind them, and one file of functions per subject."""
