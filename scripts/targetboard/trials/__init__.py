"""Trials: reading the user's list, and matching trials to a sample."""
