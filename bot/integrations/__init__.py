"""The outside world in our words, one file per system. Each sorts what goes wrong into the errors of bot/errors.py."""
