"""When a reminder comes: in 22 zones and ten years, against oracles that walk through time minute by minute.

The oracles share no code with bot/reminders: they only ask what a clock shows at a UTC minute. --full-size asks for
more examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.policy import Region
from bot.reminders import business_days, wall
from bot.reminders.hours import Hours, held_until

# fmt: off
ZONES = [
    "Europe/Helsinki", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "America/New_York",
    "America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Santiago", "America/Asuncion",
    "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut", "Asia/Jerusalem", "Asia/Gaza", "Australia/Lord_Howe",
    "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham", "Antarctica/Troll",
]
# fmt: on
APIA = "Pacific/Apia"  # had no 30 December 2011
DECADE = (date(2019, 1, 1), date(2028, 12, 31))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

NEW_YORK = Region(lead="a@example.com", time_zone="America/New_York", country="US", subdivision="NY")
CALIFORNIA = NEW_YORK.model_copy(update={"time_zone": "America/Los_Angeles", "subdivision": "CA"})
DUBAI = Region(lead="b@example.com", time_zone="Asia/Dubai", country="AE")
TEL_AVIV = Region(lead="c@example.com", time_zone="Asia/Jerusalem", country="IL", weekend=frozenset({4, 5}))
REGIONS = (NEW_YORK, CALIFORNIA, DUBAI, TEL_AVIV)

Examples = Callable[[int], settings]


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> Examples:
    """So many examples, times twenty with --full-size."""
    factor = 20 if request.config.getoption("--full-size", default=False) else 1
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return lambda normal: settings(max_examples=normal * factor, deadline=None, suppress_health_check=quiet)


# --- The oracles ---------------------------------------------------------------------------------


def clock(minute: int, zone: ZoneInfo) -> datetime:
    """What the clock shows, `minute` minutes after 1970 in UTC."""
    return datetime.fromtimestamp(minute * 60, zone).replace(tzinfo=None)


@lru_cache(maxsize=4096)
def walked(day: date, at: time, zone: str) -> datetime:
    """The first UTC minute at which the clock shows `at` on `day`; where none does, as much later as it jumped."""
    here, wanted = ZoneInfo(zone), datetime.combine(day, at)
    in_utc = int(datetime.combine(day, at, UTC).timestamp()) // 60
    before, jumped = None, timedelta()
    for minute in range(in_utc - 15 * 60, in_utc + 13 * 60):  # no zone is further from UTC
        shown = clock(minute, here)
        if before is not None and before < wanted < shown:
            jumped = shown - before - MINUTE
        if shown == wanted + jumped:
            return datetime.fromtimestamp(minute * 60, UTC)
        before = shown
    raise AssertionError(f"{wanted} never comes in {zone}")


def decade_of(zone: str) -> tuple[date, date]:
    return (date(2009, 1, 1), date(2018, 12, 31)) if zone == APIA else DECADE


@lru_cache
def changes(zone: str, first: date, last: date) -> list[date]:
    """The days around which the clock of `zone` is put forward or back."""
    here = ZoneInfo(zone)
    days = [first + n * DAY for n in range((last - first).days)]
    offsets = [datetime(one.year, one.month, one.day, tzinfo=UTC).astimezone(here).utcoffset() for one in days]
    return [day for day, old, new in zip(days, offsets, offsets[1:], strict=False) if old != new]


# --- What to try --------------------------------------------------------------------------------


@st.composite
def zones_and_days(draw: st.DrawFn) -> tuple[str, date]:
    """A zone and a day: any, at a clock change, at a month's end, or at a leap day."""
    zone = draw(st.sampled_from([*ZONES, APIA]))
    decade = decade_of(zone)
    leap = date(2012 if zone == APIA else 2024, 2, 29)
    kinds = [
        st.dates(*decade),
        st.builds(lambda year, month: date(year, month, 1) - DAY, st.integers(*(d.year for d in decade)), MONTHS),
        st.just(leap),
    ]
    if at_changes := changes(zone, *decade):
        near = st.builds(lambda day, n: day + n * DAY, st.sampled_from(at_changes), st.integers(-1, 2))
        kinds += [near, near]
    return zone, draw(st.one_of(kinds))


MONTHS = st.integers(1, 12)
TIMES = st.one_of(
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])),
    st.builds(time, st.sampled_from([0, 1, 2, 23]), st.integers(0, 59)),  # where clocks change
    st.just(time(9)),
)


# --- Wall clocks --------------------------------------------------------------------------------


def test_each_wall_time_is_one_instant_on_any_day(examples: Examples) -> None:
    @examples(500)
    @given(zones_and_days(), TIMES)
    @example((APIA, date(2011, 12, 30)), time(9))
    def holds(where: tuple[str, date], at: time) -> None:
        zone, day = where
        assert wall.instant(day, at, zone) == walked(day, at, zone)

    holds()


@pytest.mark.parametrize("zone", [*ZONES, APIA])
def test_every_clock_change_of_ten_years_holds_minute_by_minute(zone: str, request: pytest.FixtureRequest) -> None:
    """Whatever the clock shows on such a day is met, the first time it is shown; what it leaves out comes later."""
    here = ZoneInfo(zone)
    step = 1 if request.config.getoption("--full-size", default=False) else 5
    for change in changes(zone, *decade_of(zone)):
        midnight = int(datetime.combine(change, time(), UTC).timestamp()) // 60
        met: dict[datetime, int] = {}
        for minute in range(midnight - 5 * 60, midnight + 53 * 60):
            met.setdefault(clock(minute, here), minute)
        wanted, end, gap = clock(midnight, here), clock(midnight + 24 * 60, here), timedelta()
        while wanted < end:
            if wanted in met:
                gap = timedelta()
            elif not gap:
                gap = next(shown for shown in sorted(met) if shown > wanted) - wanted
                gap += wanted - max(shown for shown in met if shown < wanted) - MINUTE
            found = wall.instant(wanted.date(), wanted.time(), zone)
            assert int(found.timestamp()) == met[wanted + gap] * 60
            assert wall.wall(found, zone) == wanted + gap
            wanted += step * MINUTE


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),  # 3:30, an hour later
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),  # the first of two
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),  # 2:45, half an hour later
        ("Antarctica/Troll", date(2026, 3, 29), time(1, 30), "2026-03-29T01:30"),  # 3:30, two hours later
        ("Africa/Cairo", date(2026, 4, 24), time(0, 15), "2026-04-23T22:15"),  # 1:15: midnight is skipped
        (APIA, date(2011, 12, 30), time(9), "2011-12-30T19:00"),  # 9:00 on the 31st, a day later
    ],
)
def test_a_skipped_time_comes_later_and_a_repeated_one_first(zone: str, day: date, at: time, utc: str) -> None:
    assert wall.instant(day, at, zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


# --- Business days ------------------------------------------------------------------------------


def test_weekends_are_the_regions() -> None:
    friday, saturday, sunday = date(2026, 6, 5), date(2026, 6, 6), date(2026, 6, 7)
    assert [business_days.is_business_day(day, TEL_AVIV) for day in (friday, saturday, sunday)] == [False, False, True]
    assert [business_days.is_business_day(day, NEW_YORK) for day in (friday, saturday, sunday)] == [True, False, False]


def test_holidays_are_the_subdivisions() -> None:
    lincoln, chavez = date(2026, 2, 12), date(2026, 3, 31)
    assert business_days.holiday(lincoln, NEW_YORK) == "Lincoln's Birthday"
    assert business_days.holiday(lincoln, CALIFORNIA) is None
    assert not business_days.is_business_day(chavez, CALIFORNIA)
    assert business_days.is_business_day(chavez, NEW_YORK)


def test_holidays_have_english_names_abroad() -> None:
    germany = Region(lead="d@example.com", time_zone="Europe/Berlin", country="DE", subdivision="BE")
    assert business_days.holiday(date(2026, 10, 3), germany) == "German Unity Day"


def test_working_days_are_counted_forth_back_and_between(examples: Examples) -> None:
    @examples(100)
    @given(st.sampled_from(REGIONS), st.dates(*DECADE), st.integers(1, 30))
    def holds(region: Region, day: date, days: int) -> None:
        moment = wall.instant(day, time(12), region.time_zone)
        later = business_days.after(moment, days, region)
        earlier = business_days.before(moment, days, region, ends_at=time(9))
        assert (later.time(), earlier.time()) == (time(12), time(9))
        assert business_days.is_business_day(later.date(), region)
        assert business_days.is_business_day(earlier.date(), region)
        assert business_days.between(day, later.date(), region) == days
        assert business_days.between(later.date(), day, region) == -days
        assert business_days.between(earlier.date() - DAY, day - DAY, region) == days
        back = business_days.before(later, days, region)
        assert (back.date() == day) == business_days.is_business_day(day, region)

    holds()


def test_a_holiday_weekend_is_no_working_time() -> None:
    friday = datetime(2026, 2, 13, 15, tzinfo=ZoneInfo("America/New_York"))
    assert business_days.after(friday, 1, NEW_YORK).isoformat() == "2026-02-17T15:00:00-05:00"
    assert business_days.before(friday + 4 * DAY, 1, NEW_YORK, ends_at=time(17, 30)).date() == friday.date()


def test_holidays_by_the_moon_are_known_only_until_the_first_estimate() -> None:
    ends = business_days.data_ends_on(DUBAI)
    assert ends
    assert "(estimated)" in (business_days.holiday(ends + DAY, DUBAI) or "")
    days = [ends - n * DAY for n in range(300)]
    assert not any("(estimated)" in (business_days.holiday(day, DUBAI) or "") for day in days)


def test_holidays_by_the_sun_are_known_as_far_as_the_package_goes() -> None:
    assert business_days.data_ends_on(NEW_YORK) == date(holidays.country_holidays("US").end_year, 12, 31)


def test_holidays_by_yearly_decree_are_known_until_the_last_decree() -> None:
    china = Region(lead="e@example.com", time_zone="Asia/Shanghai", country="CN")
    decrees = holidays.country_holidays("CN").special_public_holidays
    assert business_days.data_ends_on(china) == date(max(decrees), 12, 31)


def test_a_calendar_that_is_estimated_for_ever_never_runs_out() -> None:
    morocco = Region(lead="f@example.com", time_zone="Africa/Casablanca", country="MA")
    assert business_days.data_ends_on(morocco) is None


# --- Working hours ------------------------------------------------------------------------------

IN_NEW_YORK = Hours("America/New_York", NEW_YORK)


def held(local: str, hours: Hours = IN_NEW_YORK) -> str | None:
    """What `held_until` says at a wall-clock time, with the wall-clock time of its instant."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(hours.zone))
    found = held_until(moment, hours)
    return found and f"{wall.wall(found[0], hours.zone):%Y-%m-%d %H:%M} {found[1]}"


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-02-12 12:00", "2026-02-13 09:00 public holiday (Lincoln's Birthday) until Fri 9:00"),
        ("2026-02-13 09:00", None),
        ("2026-02-13 17:29", None),
        ("2026-02-13 08:59", "2026-02-13 09:00 quiet hours until Fri 9:00"),
        ("2026-02-10 17:30", "2026-02-11 09:00 quiet hours until Wed 9:00"),
        ("2026-02-07 12:00", "2026-02-09 09:00 weekend until Mon 9:00"),
        (
            "2026-02-13 18:00",
            "2026-02-17 09:00 quiet hours, weekend and public holiday (Washington's Birthday) until Tue 9:00",
        ),
    ],
)
def test_a_message_waits_for_working_hours_and_says_why(at: str, says: str | None) -> None:
    if says and "Washington" in says:
        says = says.replace("Washington's Birthday", business_days.holiday(date(2026, 2, 16), NEW_YORK) or "")
    assert held(at) == says


def test_a_mute_and_an_absence_add_to_the_rest() -> None:
    muted = Hours("America/New_York", NEW_YORK, muted_until=datetime(2026, 3, 4, 19, tzinfo=UTC))
    assert held("2026-03-03 10:00", muted) == "2026-03-04 14:00 muted until Wed 14:00"
    away = Hours("America/New_York", NEW_YORK, away=((date(2026, 3, 2), date(2026, 3, 13)),))
    assert held("2026-02-27 10:00", away) is None
    assert held("2026-03-13 23:00", away) == "2026-03-16 09:00 away and weekend until Mon 9:00"
    assert held("2026-03-02 10:00", away) == "2026-03-16 09:00 away and weekend until Mon 16 Mar 9:00"


def test_the_weekend_of_tel_aviv_is_friday_and_saturday() -> None:
    hours = Hours("Asia/Jerusalem", TEL_AVIV)
    assert held("2026-06-05 10:00", hours) == "2026-06-07 09:00 weekend until Sun 9:00"
    assert held("2026-06-07 10:00", hours) is None


def test_the_wait_for_ever_ends_after_a_year() -> None:
    never = Hours("UTC", NEW_YORK.model_copy(update={"weekend": frozenset(range(7))}))
    mute = Hours("UTC", NEW_YORK, muted_until=datetime.max.replace(tzinfo=UTC))
    absence = Hours("UTC", NEW_YORK, away=((date(2026, 1, 1), date.max),))
    for hours in (never, mute, absence):
        found = held_until(datetime(2026, 3, 2, 10, tzinfo=UTC), hours)
        assert found
        assert date(2027, 3, 1) <= found[0].date() <= date(2027, 3, 5)


def test_hours_over_midnight_are_refused() -> None:
    with pytest.raises(ValueError, match="end after they start"):
        Hours("UTC", NEW_YORK, from_time=time(22), to_time=time(6))


def reachable(moment: datetime, hours: Hours) -> bool:
    local = moment.astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None)
    return (
        hours.from_time <= local.time() < hours.to_time
        and business_days.is_business_day(local.date(), hours.region)
        and not (hours.muted_until and moment < hours.muted_until)
        and not any(first <= local.date() <= last for first, last in hours.away)
    )


def test_what_is_held_comes_at_the_first_minute_that_it_may(examples: Examples) -> None:
    @examples(150)
    @given(st.data(), zones_and_days(), TIMES, st.sampled_from(REGIONS))
    def holds(data: st.DataObject, where: tuple[str, date], at: time, region: Region) -> None:
        zone, day = where
        moment = walked(day, at, zone)
        mute = st.one_of(st.none(), st.integers(-60, 9 * 24 * 60).map(lambda minutes: moment + minutes * MINUTE))
        leave = st.tuples(st.integers(-2, 9), st.integers(0, 5)).map(lambda n: (day + n[0] * DAY, day + sum(n) * DAY))
        hours = Hours(
            zone,
            region,
            from_time=time(data.draw(st.integers(4, 11)), 30),  # clear of the hours in which clocks change
            to_time=time(data.draw(st.integers(12, 22))),
            muted_until=data.draw(mute),
            away=tuple(data.draw(st.lists(leave, max_size=2))),
        )
        found = held_until(moment, hours)
        assert (found is None) == reachable(moment, hours)
        if found:
            assert reachable(found[0], hours)
            assert held_until(found[0], hours) is None
            assert not any(reachable(minute, hours) for minute in minutes_between(moment, found[0]))

    holds()


def minutes_between(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE
