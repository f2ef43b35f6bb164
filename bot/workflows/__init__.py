"""What the business does: a session in, rows and promises out. No network, no Slack, no clock."""
