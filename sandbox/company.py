"""The invented company: its people, channels, accounts and sheet. Nobody and nothing in it is real."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.slack.people import BOT_USER
from sandbox.world import World

OPENING = datetime(2027, 1, 25, 9, 0, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)  # a Monday
RED_ACCOUNTS, CE, SECURITY, SHARED, GENERAL = "C0REDACCTS", "C0CETEAM00", "C0SECURITY", "C0ACMEEXT0", "C0GENERAL0"
IDENTITY = "C0IDENTITY"
SHEET_ID, TAB = "sandbox-red-accounts", "Account Tracker"


@dataclass(frozen=True)
class Human:
    slack_id: str
    name: str
    title: str
    zone: str
    kind: str = "member"
    in_salesforce: bool = False

    @property
    def handle(self) -> str:
        return self.name.split()[0].lower()

    @property
    def email(self) -> str:
        host = "acme.example" if self.kind == "external" else "larkfield.example"
        return f"{self.name.lower().replace(' ', '.')}@{host}"


EAST, WEST, LONDON, SINGAPORE = "America/New_York", "America/Los_Angeles", "Europe/London", "Asia/Singapore"
PRIYA = Human("U0PRIYA000", "Priya Raman", "Customer engineer, US East", EAST, in_salesforce=True)
MAREK = Human("U0MAREK000", "Marek Novotny", "Customer engineer, EMEA", LONDON, in_salesforce=True)
TOM = Human("U0TOM00000", "Tom Okafor", "Account executive", EAST, in_salesforce=True)
GRACE = Human("U0GRACE000", "Grace Lindqvist", "Account executive", WEST, in_salesforce=True)
LENA = Human("U0LENA0000", "Lena Hofmann", "CE lead", EAST, in_salesforce=True)
NOOR = Human("U0NOOR0000", "Noor Siddiqui", "Security CE, US West and APAC", WEST, in_salesforce=True)
JONAS = Human("U0JONAS000", "Jonas Berg", "Security CE, US East and EMEA", LONDON, in_salesforce=True)
INES = Human("U0INES0000", "Ines Duarte", "Product manager, security", LONDON)
DEV = Human("U0DEV00000", "Dev Chandra", "Engineer, Identity", EAST)
MIRA = Human("U0MIRA0000", "Mira Tanaka", "Engineer, Search", SINGAPORE)
ANA = Human("U0ANA00000", "Ana Castillo", "Platform lead at Acme", EAST, kind="external")
GUEST = Human("U0GUEST000", "Sam Whitby", "Contractor", LONDON, kind="guest")
HUMANS = (PRIYA, MAREK, TOM, GRACE, LENA, NOOR, JONAS, INES, DEV, MIRA, ANA, GUEST)
MEMBERS = [human.slack_id for human in HUMANS if human.kind == "member"]

REGIONS = ("US East", "US West", "EMEA", "APAC")
NAMES = (
    "Acme", "Globex", "Initech", "Alderbrook Bank", "Bellwether Foods", "Birchline Rail", "Brightmoor Energy",
    "Calderwick", "Cinderpath Games", "Coppergate Insurance", "Dovetail Robotics", "Eastmarch Telecom",
    "Emberlyn Health", "Fallowfield", "Farrowdale Motors", "Glasswater", "Greyhollow Media", "Harrowgate Labs",
    "Hillcrest Freight", "Inkwell Press", "Juniper Vale", "Kestrelworks", "Kingsmere Air", "Lanternfish",
    "Millrace Paper", "Moorhen Logistics", "Nettlecombe", "Northfold Steel", "Oakenshaw", "Orchard Lane Retail",
    "Pebblestone", "Quillstone", "Ravensholt", "Saltmarsh Shipping", "Silverbeck", "Thistledown Travel",
    "Umberfield", "Velvetmoor", "Wexcombe Water", "Yarrowby",
)  # fmt: skip

#: Red before Touchpoint came; the first two have a row that people made.
RED_ON_DAY_ONE = ("Hillcrest Freight", "Quillstone", "Brightmoor Energy")


def move_in(world: World, *, opening: datetime = OPENING) -> None:
    """Fill the empty stand-ins. The clock is set to `opening`."""
    world.clock.set(opening)
    _people_and_channels(world)
    users = _salesforce_users(world)
    accounts = _accounts(world, users, opening.date())
    _sheet(world, accounts)


def account_id(world: World, name: str) -> str:
    """The Salesforce id of the account with this name."""
    return next(row["Id"] for row in world.salesforce.rows("Account") if row["Name"] == name)


def user_id(world: World, human: Human) -> str:
    return next(row["Id"] for row in world.salesforce.rows("User") if row["Email"] == human.email)


def _people_and_channels(world: World) -> None:
    for human in HUMANS:
        world.slack.add_user(
            human.slack_id, name=human.handle, real_name=human.name, email=human.email, tz=human.zone,
            kind=human.kind, title=human.title,
        )  # fmt: skip
    for channel, name, topic in (
        (RED_ACCOUNTS, "red-accounts", "One card per red account. Talk in its thread."),
        (CE, "ce", "Customer engineers"),
        (SECURITY, "security", "Security questions and reviews"),
        (GENERAL, "general", "Everybody"),
        (IDENTITY, "identity", "Sign-in and single sign-on: what others need of us"),
    ):
        members = MEMBERS + ([BOT_USER] if channel in (RED_ACCOUNTS, IDENTITY) else [])
        world.slack.add_channel(channel, name=name, members=members, topic=topic)
    outside = [PRIYA.slack_id, TOM.slack_id, ANA.slack_id, GUEST.slack_id]
    world.slack.add_channel(
        SHARED,
        name="ext-acme",
        members=outside,
        is_ext_shared=True,
        topic="Shared with Acme: they read everything here",
    )


def _salesforce_users(world: World) -> dict[str, str]:
    return {
        human.slack_id: world.salesforce.insert(
            "User", {"Name": human.name, "Email": human.email, "Username": human.email, "IsActive": True}
        )
        for human in HUMANS
        if human.in_salesforce
    }


def _accounts(world: World, users: dict[str, str], today: date) -> dict[str, str]:
    """Forty accounts; the first three are those of the stories, the rest are drawn with a fixed seed."""
    dice = random.Random(40)
    found = {}
    for number, name in enumerate(NAMES):
        region = REGIONS[number % 4] if number > 2 else ("US East", "US East", "EMEA")[number]
        ce = PRIYA if region.startswith("US") else MAREK
        ae = (TOM, GRACE)[number % 2] if number else TOM
        seats = dice.choice((40, 80, 120, 200, 350, 600))
        found[name] = world.salesforce.insert(
            "Account",
            {
                "Name": name,
                "OwnerId": users[ae.slack_id],
                "Customer_Engineer__c": users[ce.slack_id],
                "Region__c": region,
                "Tier__c": dice.choice(("Tier 1", "Tier 2", "Tier 3")),
                "ARR__c": 240_000 if name == "Acme" else dice.randrange(18, 420) * 1000,
                "Renewal_Date__c": _renewal(name, dice, today),
                "Seats__c": 200 if name == "Acme" else seats,
                "Weekly_Users__c": 74 if name == "Acme" else int(seats * dice.uniform(0.2, 0.95)),
                "Usage_Change__c": -18 if name == "Acme" else round(dice.uniform(-12, 20), 1),
                "Health_Score__c": max(round(dice.uniform(4, 9.5), 1), 5.2),
                "Usage_As_Of__c": today - timedelta(days=dice.randrange(1, 4)),
                "LastActivityDate": today - timedelta(days=dice.randrange(1, 35) // 2),  # recent, also a fortnight on
                "Customer_Health__c": "Red" if name in RED_ON_DAY_ONE else dice.choice(("Green", "Green", "Yellow")),
                "Signed_On__c": today - timedelta(days=400),
                "Deployed_On__c": today - timedelta(days=370),
            }
            | _bad_figures(name, today),
        )
    return found


def _bad_figures(name: str, today: date) -> dict[str, object]:
    """Two accounts whose CE Touchpoint asks whether they are red."""
    if name == "Moorhen Logistics":
        return {"Customer_Health__c": "Yellow", "Health_Score__c": 4.2, "LastActivityDate": today - timedelta(days=45)}
    if name == "Silverbeck":
        signed = today - timedelta(days=70)
        return {"Customer_Health__c": "Green", "Signed_On__c": signed, "Deployed_On__c": None}
    return {}


def _renewal(name: str, dice: random.Random, today: date) -> date:
    return date(2027, 3, 12) if name == "Acme" else today + timedelta(days=dice.randrange(25, 400))


def _sheet(world: World, accounts: dict[str, str]) -> None:
    """The tab as the team kept it by hand: its own columns, two red accounts, one that is over, one typing error."""
    header = [
        "Account", "Status", "CE", "AE", "ARR", "Renewal", "Red since", "Current state", "Needs", "Action plan",
        "Salesforce", "Resolved", "Notes",
    ]  # fmt: skip
    link = f"https://touchpoint-sandbox.my.salesforce.com/lightning/r/Account/{accounts['Quillstone']}/view"
    rows: list[list[str | int | float | Decimal | None]] = [
        ["Hillcrest Freight", "red", "Priya", "Grace", 88000, None, "2026-12-02", "Rollout stalled at 30 users.",
         "A migration engineer for a week", "Weekly call with their platform team", None, None, "ask Ines about SSO"],
        ["Quillstone Ltd", "red", "Marek", "Tom", None, None, "2027-01-04", "Their budget was cut by a third.",
         None, None, link, None, None],
        ["Fallowfield", "closed", "Priya", "Tom", 120000, None, "2026-09-14", "Search was slow.", "An index node",
         "Moved to larger disks", None, "2026-11-20", "they were happy in the end"],
    ]  # fmt: skip
    world.sheets.add_spreadsheet(SHEET_ID, "Red Accounts", tabs={TAB: [header, *rows]})
