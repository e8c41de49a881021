"""The wait ledger: for each task instance, why every instant between its due and its end passed."""
