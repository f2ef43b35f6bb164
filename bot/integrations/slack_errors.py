"""What Slack refuses, sorted into "later" and "never"."""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import Gone, Misconfigured, Permanent, Retryable

#: https://docs.slack.dev/reference/methods/chat.postMessage lists what each means.
GONE = {"message_not_found", "thread_not_found"}
NOT_DONE = {"ratelimited", "rate_limited", "message_limit_exceeded"}
AMBIGUOUS = {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
TO_MEND = {
    "not_in_channel": "Touchpoint is not in the channel. Invite it there: /invite @Touchpoint",
    "is_archived": "The channel is archived. Unarchive it, or name another one in policy.toml",
    "channel_not_found": "There is no such channel, or Touchpoint may not see it. Check its id in policy.toml"
    " and invite Touchpoint",
    "invalid_auth": "Slack does not accept the bot token. Install the app again and set SLACK_BOT_TOKEN",
    "not_authed": "Slack got no bot token. Set SLACK_BOT_TOKEN",
    "account_inactive": "The bot token belongs to a removed app. Install the app again and set SLACK_BOT_TOKEN",
    "token_revoked": "The bot token was revoked. Install the app again and set SLACK_BOT_TOKEN",
    "token_expired": "The bot token has expired. Install the app again and set SLACK_BOT_TOKEN",
    "missing_scope": "The app lacks a scope. Update it from app.manifest.yml and install it again",
    "restricted_action": "Only some people may post in the channel. Let Touchpoint post there",
}

#: Slack's words for a person that no message reaches: https://docs.slack.dev/reference/methods/chat.postMessage
UNREACHABLE = {"user_not_found", "user_disabled", "cannot_dm_bot", "account_inactive", "channel_not_found"}


def sorted_error(error: SlackApiError) -> Exception:
    """What Slack refused, as one of the errors of bot/errors.py."""
    response: Any = error.response
    status = getattr(response, "status_code", 0)
    answer = response.data if isinstance(getattr(response, "data", None), dict) else {}
    code = str(answer.get("error", ""))
    if status == 429 or code in NOT_DONE:
        retry_after = (getattr(response, "headers", None) or {}).get("Retry-After")
        wait = float(retry_after) if retry_after else 900.0 if code == "message_limit_exceeded" else 30.0
        return Retryable("Slack asks to wait", retry_after=wait, sent=False)
    if status >= 500 or code in AMBIGUOUS:
        return Retryable(f"Slack had trouble ({code or status})")
    if code in GONE:
        return Gone(f"The message is not there any more ({code})", code=code)
    if code in TO_MEND:
        scope = f" (needed: {answer['needed']})" if answer.get("needed") else ""
        return Misconfigured(TO_MEND[code] + scope, code=code)
    reasons = (answer.get("response_metadata") or {}).get("messages") or answer.get("errors") or []
    return Permanent(" ".join([f"Slack refused: {code or status}", *map(str, reasons)]), code=code)
