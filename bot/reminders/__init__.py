"""What is due when, for whom, in whose time zone."""
