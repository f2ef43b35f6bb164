"""Reads: a session in, loaded rows out."""
