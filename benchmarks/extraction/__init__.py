"""Runs an extractor over annotated meetings and scores what it found."""
