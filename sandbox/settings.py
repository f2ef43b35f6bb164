"""The settings with which the real bot runs against the stand-ins: what a person would put in .env, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

from sandbox.company import SHEET_ID
from sandbox.salesforce.state import CONSUMER_KEY, CONSUMER_SECRET
from sandbox.sheets.state import Sheets

POLICY = Path(__file__).parent / "policy.toml"


def environment(url: str, database_url: str, *, policy: Path = POLICY) -> dict[str, str]:
    """Environment variables for the bot; `url` is where the stand-ins answer."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-sandbox-touchpoint",
        "SLACK_APP_TOKEN": "xapp-sandbox-touchpoint",
        "SLACK_API_URL": f"{url}/api/",
        "SALESFORCE_DOMAIN": "touchpoint-sandbox.my",
        "SALESFORCE_CLIENT_ID": CONSUMER_KEY,
        "SALESFORCE_CLIENT_SECRET": CONSUMER_SECRET,
        "SALESFORCE_URL": url,
        "GOOGLE_SERVICE_ACCOUNT_JSON": json.dumps(Sheets.service_account_info(url)),
        "RED_ACCOUNTS_SHEET_ID": SHEET_ID,
        "GOOGLE_SHEETS_URL": url,
        "DATABASE_URL": database_url,
        "POLICY_FILE": str(policy),
        "CLOCK_URL": f"{url}/sandbox/clock",
    }
