"""Touchpoint: makes Slack, Salesforce and the Google Sheet agree, and remembers what was promised."""
