"""Local stand-ins for Slack, Salesforce and Google Sheets, and the page to try them in. Binds to 127.0.0.1 only."""
