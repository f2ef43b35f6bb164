"""`touchpoint doctor`: looks at everything that the bot needs, changes nothing, and says how to mend what is wrong."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from slack_sdk.errors import SlackApiError

from bot import app, config, migrating, policy
from bot.config import BadSettings, Local, Settings
from bot.errors import Misconfigured, Permanent, Retryable
from bot.integrations.salesforce import HealthField
from bot.integrations.sheets import Finding
from bot.integrations.slack import Slack, make_client
from bot.messages import sheet_rows
from bot.models import Health
from bot.policy import BadPolicy, Policy, Writes
from bot.services import Services

MANIFEST = Path(__file__).parent.parent / "app.manifest.yml"
APP_PAGE = "api.slack.com/apps"
TIMEOUT = 10  # seconds
NEARLY_ALL = 0.9  # of the day's API calls

MEND_SETTINGS = "Set it in .env; .env.example says what it is and where to get it."
MEND_POLICY = "Correct policy.toml; its comments say what each line means."
MEND_SLACK = f"Look at the app at {APP_PAGE} and at the channels in policy.toml, then run this again."
MEND_SALESFORCE = (
    "Check SALESFORCE_DOMAIN and the other SALESFORCE_ settings, and what the integration user may see and change."
)
MEND_SHEET = "Share the spreadsheet with the service account as an editor."
LATER = "It may be a passing trouble. Try again in a minute; see the system's status page if it stays."
Check = Callable[[Services], Iterator[Finding]]
#: What the writes of a system mean, in words.
WRITES = {
    Writes.OFF: "off: nothing is sent, it waits",
    Writes.DRY: "dry: nothing is sent, `touchpoint outbox` says what would be",
    Writes.ON: "on",
}


def run() -> int:
    """Print a line for each thing looked at. 0 if all is well, 1 if there is something to mend."""
    all_well = True
    for finding in look():
        print(f"✓ ok       {finding.text}" if finding.ok else f"✗ to mend  {finding.text}")
        if not finding.ok and finding.mend:
            print(f"           → {finding.mend}")
        all_well = all_well and finding.ok
    print("All is well." if all_well else "There is something to mend.")
    return 0 if all_well else 1


def look() -> Iterator[Finding]:
    """Everything that there is to find, one after the other; what fails does not stop the rest."""
    settings, rules = None, None
    try:
        settings = config.load()
        yield Finding(True, "Settings: all there")
    except BadSettings as error:
        yield from _each("Settings", error, MEND_SETTINGS)
    local = settings or _local()
    if local:
        yield from _database(local.database_url)
        try:
            rules = policy.read(local.policy_file)
            yield Finding(True, f"Policy: {local.policy_file} is valid")
        except BadPolicy as error:
            yield from _each("Policy", error, MEND_POLICY)
    if rules:
        yield from _writes(rules)
        yield from _holidays(rules)
    if settings:
        yield from _app_token(settings)
    if settings and rules:
        yield from _systems(settings, rules)


def _local() -> Local | None:
    """What can be looked at on this machine while other settings are missing."""
    try:
        return config.load_local()
    except BadSettings:
        return None


def _each(name: str, error: Exception, mend: str) -> Iterator[Finding]:
    for line in str(error).splitlines():
        yield Finding(False, f"{name}: {line}", mend)


def _database(url: str) -> Iterator[Finding]:
    try:
        behind = migrating.behind(url)
    except BadSettings as error:
        yield Finding(False, f"Database: {error}", "Start the database, or correct DATABASE_URL.")
        return
    if behind:
        yield Finding(False, f"Database: {behind}", "Run: touchpoint migrate")
    else:
        yield Finding(True, "Database: reachable, and its tables are up to date")


def _writes(rules: Policy) -> Iterator[Finding]:
    for system, word in rules.writes.model_dump().items():
        yield Finding(True, f"Writes to {system}: {WRITES[word]}")


def _systems(settings: Settings, rules: Policy) -> Iterator[Finding]:
    try:
        services = app.build_services(settings, rules)
    except Misconfigured as error:
        yield Finding(False, f"Settings: {error}", f"{MEND_SETTINGS} Slack, Salesforce and the sheet come after that.")
        return
    channels = [_channel(name, channel) for name, channel in rules.channels.model_dump().items()]
    channels += [_channel(f"team {team.name}", team.channel) for team in rules.teams.values() if team.channel]
    try:
        yield from _system("Slack", services, MEND_SLACK, _bot_token, *channels, _people)
        yield from _system("Salesforce", services, MEND_SALESFORCE, _health_field, _other_fields, _api_usage)
        yield from _system("Sheet", services, MEND_SHEET, _sheet)
    finally:
        services.database.engine.dispose()


def _system(name: str, services: Services, mend: str, sign_in: Check, *others: Check) -> Iterator[Finding]:
    """The checks of one system. Its refusals are findings like any other; without the first, the rest says nothing."""
    for check in (sign_in, *others):
        try:
            yield from check(services)
        except (Retryable, Permanent) as error:
            yield Finding(False, f"{name}: {error}", LATER if isinstance(error, Retryable) else mend)
            if check is sign_in:
                return


def _app_token(settings: Settings) -> Iterator[Finding]:
    client = make_client(settings.slack_app_token, settings.slack_api_url, TIMEOUT)
    try:
        client.apps_connections_open(app_token=settings.slack_app_token)
        yield Finding(True, "Slack: the app token opens connections")
    except SlackApiError as error:
        mend = (
            f"{APP_PAGE} > Basic Information > App-Level Tokens: make one with connections:write for SLACK_APP_TOKEN."
        )
        if error.response.get("error") == "socket_mode_not_enabled":
            mend = f"{APP_PAGE} > Socket Mode: switch it on."
        yield Finding(False, f"Slack: the app token is refused ({error.response.get('error')})", mend)
    except (OSError, http.client.HTTPException) as error:
        yield Finding(False, f"Slack: no answer ({type(error).__name__})", LATER)


def _bot_token(services: Services) -> Iterator[Finding]:
    me = services.slack.me()
    yield Finding(True, f"Slack: the bot token works at {me.url}")
    granted = _granted_scopes(services.slack)
    if granted is None:
        return
    wanted = manifest_scopes()
    if missing := sorted(wanted - granted):
        mend = f"Update the app from app.manifest.yml at {APP_PAGE} > App Manifest, then install it again."
        yield Finding(False, f"Slack: the app lacks the scopes {', '.join(missing)}", mend)
    else:
        yield Finding(True, f"Slack: all {len(wanted)} scopes of app.manifest.yml are granted")


def _granted_scopes(slack: Slack) -> set[str] | None:
    """The scopes that Slack names in the answer's headers, or None where it names none."""
    try:
        headers: dict[str, Any] = {name.lower(): value for name, value in slack.client.auth_test().headers.items()}
    except (SlackApiError, OSError, http.client.HTTPException) as error:
        raise Retryable(f"the second sign-in failed ({type(error).__name__})") from error
    named = headers.get("x-oauth-scopes")
    text = ",".join(named) if isinstance(named, list) else named
    return {scope.strip() for scope in text.split(",")} if text else None


def manifest_scopes(text: str | None = None) -> set[str]:
    """The bot scopes of app.manifest.yml: the list under `scopes:`, `bot:`."""
    lines = (text or MANIFEST.read_text(encoding="utf-8")).splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip() == "bot:")
    found = set()
    for line in lines[start + 1 :]:
        scope = re.match(r"\s+- ([\w.:]+)", line)
        if scope is None:
            break
        found.add(scope[1])
    return found


def _channel(name: str, channel: str) -> Check:
    def check(services: Services) -> Iterator[Finding]:
        facts = services.slack.channel(channel)
        label = f"Slack: #{facts.name} ({name})"
        troubles = {
            f"{label} is archived": ("Unarchive it, or name another channel in policy.toml.", facts.is_archived),
            f"{label} does not have Touchpoint in it": (f"In #{facts.name}: /invite @Touchpoint", not facts.has_bot),
            f"{label} is shared with people outside": (
                "Name an internal channel in policy.toml: nothing about accounts may be read by a customer.",
                facts.has_outsiders,
            ),
        }
        wrong = [Finding(False, text, mend) for text, (mend, is_so) in troubles.items() if is_so]
        yield from wrong or [Finding(True, f"{label} is there, and Touchpoint is in it")]

    return check


def _people(services: Services) -> Iterator[Finding]:
    for lead in sorted(services.policy.leads):
        regions = ", ".join(name for name, region in services.policy.regions.items() if region.lead == lead)
        found = services.slack.member_by_email(lead)
        if found and found.is_member:
            yield Finding(True, f"People: {lead}, lead of {regions}, is in Slack")
        else:
            mend = "Correct the e-mail address in policy.toml, or add the person to the workspace as a full member."
            yield Finding(False, f"People: nobody in Slack has the address {lead} (lead of {regions})", mend)
    for team in services.policy.teams.values():
        if team.lead and not services.slack.member_by_email(team.lead):
            mend = "Correct the e-mail address in policy.toml, or leave it out: then the CE lead hears of its asks."
            yield Finding(False, f"People: nobody in Slack has the address {team.lead} (lead of {team.name})", mend)


def _health_field(services: Services) -> Iterator[Finding]:
    name, field = services.salesforce.fields.health, services.salesforce.describe_health()
    wrong = list(_health_troubles(name, field))
    yield from wrong or [Finding(True, f"Salesforce: {name} can be read and set, and its history is kept")]


def _health_troubles(name: str, field: HealthField) -> Iterator[Finding]:
    others = ", ".join(candidate for candidate in field.candidates if candidate != name)
    instead = f"These could be it: {others}." if others else "No other picklist of Account has Red and Green."
    if not field.exists:
        mend = f"Set health under [salesforce.fields] in policy.toml. {instead} The integration user must see it."
        yield Finding(False, f"Salesforce: Account has no field {name}", mend)
        return
    if field.calculated:
        mend = f"A formula cannot be set. Name the field that people change. {instead}"
        yield Finding(False, f"Salesforce: {name} is calculated", mend)
    elif not field.updateable:
        mend = "Give the integration user edit access to it (its permission set > Account > Field Permissions)."
        yield Finding(False, f"Salesforce: {name} may not be set by the integration user", mend)
    known = {value.casefold() for value in field.values}
    missing = [str(colour) for colour in Health if colour.casefold() not in known]
    if missing:
        mend = f"Add them to the picklist as active values; it has {', '.join(field.values) or 'none'}. {instead}"
        yield Finding(False, f"Salesforce: {name} does not have the values {', '.join(missing)}", mend)
    if not field.history_tracked:
        mend = "Setup > Object Manager > Account > Fields & Relationships > Set History Tracking: tick it."
        yield Finding(False, f"Salesforce: the history of {name} is not kept, so nobody knows who set it", mend)


def _other_fields(services: Services) -> Iterator[Finding]:
    missing = [name for name in services.salesforce.unknown_fields() if name != services.salesforce.fields.health]
    if missing:
        mend = 'Correct the names under [salesforce.fields] in policy.toml, or write "" where there is none.'
        yield Finding(False, f"Salesforce: Account has no fields {', '.join(missing)} that we can see", mend)
    else:
        yield Finding(True, "Salesforce: the other fields that policy.toml names are there")


def _api_usage(services: Services) -> Iterator[Finding]:
    usage = services.salesforce.limits()
    polls = int(24 * 3600 / services.policy.polling.salesforce_seconds)
    text = f"Salesforce: {usage.used:,} of {usage.limit:,} API calls used today; polling takes {polls:,} a day"
    if usage.used >= NEARLY_ALL * usage.limit:
        yield Finding(False, text, "Poll less often (policy.toml, [polling]), or find what else uses them up.")
    else:
        yield Finding(True, text)


def _sheet(services: Services) -> Iterator[Finding]:
    required = [sheet_rows.header(services.policy, column) for column in sheet_rows.REQUIRED]
    for found in services.sheets.doctor(required):
        yield Finding(found.ok, f"Sheet: {found.text}", found.mend)


def _holidays(rules: Policy) -> Iterator[Finding]:
    """A policy that names a place without known holidays is not valid in the first place."""
    for name, region in rules.regions.items():
        place = f"{region.country}-{region.subdivision}" if region.subdivision else region.country
        yield Finding(True, f"Holidays: those of {place} are known ({name})")
