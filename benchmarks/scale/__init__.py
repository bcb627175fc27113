"""What grows with the record, and what does not: `python -m benchmarks.scale`."""
