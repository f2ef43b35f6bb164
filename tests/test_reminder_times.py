"""When a reminder comes: in 22 zones and ten years, against oracles that walk through time minute by minute.

The oracles share no code with bot/reminders: they only ask what a clock shows at a UTC minute. --full-size asks for
more examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, islice
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot.policy import Region
from bot.reminders import business_days, recurrence, wall
from bot.reminders.hours import Hours, held_until
from bot.reminders.recurrence import Days, MonthDay, MonthWeekday, OffDays, Once, Rule, Weeks

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


def in_rule(rule: Rule, day: date) -> bool:
    """Whether `day` is one of the rule's dates, from nothing but the words of its pattern."""
    when = rule.when
    months = (day.year - when.since.year) * 12 + day.month - when.since.month
    last_of_month = (day + DAY).day == 1
    if day < when.since:
        return False
    match when:
        case Once():
            return day == when.since
        case Days():
            return (day - when.since).days % when.every == 0
        case Weeks():
            monday = when.since - when.since.weekday() * DAY
            return day.weekday() in when.weekdays and (day - monday).days // 7 % when.every == 0
        case MonthDay():
            return months % when.every == 0 and (day.day == when.day or (last_of_month and day.day < when.day))
        case MonthWeekday():
            if day.weekday() != when.weekday or months % when.every:
                return False
            same = [one for n in range(-5, 6) if (one := day + n * 7 * DAY).replace(day=1) == day.replace(day=1)]
            return day == same[min(when.nth, len(same)) - 1]


@lru_cache
def exists(day: date, zone: str) -> bool:
    here = ZoneInfo(zone)
    start = int(datetime.combine(day, time(), UTC).timestamp()) // 60
    return any(clock(minute, here).date() == day for minute in range(start - 15 * 60, start + 37 * 60, 30))


def brute(rule: Rule, first: date, last: date, zone: str, region: Region | None) -> list[tuple[date, datetime]]:
    """What the rule brings between two dates: each date on its own, then of those that fall together only one."""

    def works(day: date) -> bool:
        return exists(day, zone) and (region is None or business_days.is_business_day(day, region))

    due: list[tuple[date, datetime]] = []
    for day in (first + n * DAY for n in range(-16, (last - first).days + 16)):
        if not in_rule(rule, day):
            continue
        taken: date | None = day
        if rule.off_days is OffDays.SKIP:
            taken = day if works(day) else None
        while taken and rule.off_days is not OffDays.AS_IS and not works(taken):
            taken += DAY if rule.off_days is OffDays.NEXT else -DAY
        if taken:
            due.append((day, walked(taken, rule.at, zone)))
    together = [list(found) for _, found in groupby(due, key=lambda one: one[1])]
    kept = [found[0] if rule.off_days is OffDays.PREVIOUS else found[-1] for found in together]
    return [one for one in kept if first <= one[0] <= last]


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


@st.composite
def rules(draw: st.DrawFn, near: date, off_days: st.SearchStrategy[OffDays] = st.sampled_from(OffDays)) -> Rule:
    since = near - draw(st.integers(0, 800)) * DAY
    every = draw(st.integers(1, 3))
    when = draw(
        st.one_of(
            st.just(Once(near)),
            st.just(Days(since, every)),
            st.builds(Weeks, st.just(since), st.frozensets(st.integers(0, 6), min_size=1), st.just(every)),
            st.builds(MonthDay, st.just(since), st.integers(1, 31), st.just(every)),
            st.builds(MonthWeekday, st.just(since), st.integers(1, 5), st.integers(0, 6), st.just(every)),
        )
    )
    return Rule(when, draw(TIMES), draw(off_days))


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


# --- Rules --------------------------------------------------------------------------------------


def test_a_rule_has_exactly_the_dates_that_its_words_say(examples: Examples) -> None:
    @examples(200)
    @given(st.data(), st.dates(*DECADE))
    def holds(data: st.DataObject, start: date) -> None:
        rule = data.draw(rules(start + data.draw(st.integers(-100, 100)) * DAY))
        found = [day for day in islice(recurrence.dates(rule, start), 500) if day < start + 400 * DAY]
        assert found == [day for n in range(400) if in_rule(rule, day := start + n * DAY)]

    holds()


def test_nothing_is_lost_or_doubled_and_both_ways_through_a_series_agree(examples: Examples) -> None:
    """From one occurrence to the next by its date, or by its instant: both are what the oracle finds."""

    @examples(200)
    @given(st.data(), zones_and_days(), st.sampled_from([None, *REGIONS]))
    def holds(data: st.DataObject, where: tuple[str, date], region: Region | None) -> None:
        zone, around = where
        rule = data.draw(rules(around))
        first = around - data.draw(st.integers(0, 6)) * DAY
        last = around + 6 * DAY
        expected = brute(rule, first, last, zone, region)

        by_date, found = [], recurrence.following(rule, first - DAY, zone, region)
        while found and found[0] <= last:
            by_date.append(found)
            found = recurrence.following(rule, found[0], zone, region)
        assert by_date == expected

        if expected:
            moment = expected[0][1] - timedelta(microseconds=1)
            by_instant = []
            for _ in range(len(expected) + 1):
                found = recurrence.next_after(rule, moment, zone, region)
                if found is None or found[0] > last:
                    break
                by_instant.append(found)
                moment = found[1]
            assert by_instant == expected

    holds()


def test_a_person_who_travels_gets_each_date_once_and_in_order(examples: Examples) -> None:
    """One row stands in the ledger: it is timed anew at each move, and gives way to the next when it was sent."""

    @examples(150)
    @given(st.data(), zones_and_days())
    def holds(data: st.DataObject, where: tuple[str, date]) -> None:
        home, around = where
        assume(home != APIA)
        rule = data.draw(rules(around - 7 * DAY, st.just(OffDays.AS_IS)))
        now = datetime.combine(around - 7 * DAY, time(12), UTC)
        end = now + 14 * DAY
        hops = st.tuples(st.integers(0, 14 * 24 * 60), st.sampled_from(ZONES))
        moves = [(now + minutes * MINUTE, zone) for minutes, zone in sorted(data.draw(st.lists(hops, max_size=8)))]

        zone, planned = home, recurrence.next_after(rule, now, home)
        begun, sent = planned and planned[0], []
        for moved_at, new_zone in [*moves, (end, home)]:
            while planned and max(planned[1], now) < moved_at:
                now = max(planned[1], now)
                sent.append(planned[0])
                if now == planned[1]:  # not overdue from a move: then the wall time holds, but for a gap
                    assert now == walked(planned[0], rule.at, zone)
                planned = recurrence.following(rule, planned[0], zone)
            now, zone = moved_at, new_zone
            if planned:
                moment = recurrence.due(rule, planned[0], zone)
                assert moment is not None
                planned = (planned[0], moment)
        if begun:
            assert sent == list(islice(recurrence.dates(rule, begun), len(sent)))
            assert planned is None or planned[1] >= end - DAY

    holds()


def test_a_rule_comes_back_from_json(examples: Examples) -> None:
    @examples(100)
    @given(st.data(), st.dates(*DECADE))
    def holds(data: st.DataObject, near: date) -> None:
        rule = data.draw(rules(near))
        assert Rule.from_json(rule.to_json()) == rule

    holds()


def test_a_rule_in_json_says_what_it_is() -> None:
    rule = Rule(Weeks(date(2026, 1, 5), frozenset({2, 0}), every=2), time(9), OffDays.SKIP)
    assert rule.to_json() == {
        "when": {"kind": "weeks", "since": "2026-01-05", "weekdays": [0, 2], "every": 2},
        "at": "09:00:00",
        "off_days": "skip",
    }


@pytest.mark.parametrize(
    "when",
    [
        {"kind": "days", "since": "2026-01-01", "every": 0},
        {"kind": "weeks", "since": "2026-01-01", "weekdays": []},
        {"kind": "month day", "since": "2026-02-30", "day": 1},
        {"kind": "month day", "since": "2026-01-01", "day": 32},
        {"kind": "seconds", "since": "2026-01-01"},
        {"kind": "once", "since": "2026-01-01", "rrule": "FREQ=SECONDLY"},
    ],
)
def test_a_rule_outside_the_grammar_is_refused(when: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="when"):
        Rule.from_json({"when": when, "at": "09:00"})


def first(rule: Rule, start: date, many: int) -> list[str]:
    return [day.isoformat() for day in islice(recurrence.dates(rule, start), many)]


def test_the_31st_of_a_short_month_is_its_last_day() -> None:
    rule = Rule(MonthDay(date(2023, 11, 30), 31), time(9))
    assert first(rule, date(2023, 12, 1), 4) == ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]


def test_a_yearly_leap_day_is_28_february_in_other_years() -> None:
    rule = Rule(MonthDay(date(2024, 2, 29), 29, every=12), time(9))
    assert first(rule, date(2024, 1, 1), 5) == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_the_fifth_friday_is_the_last_one() -> None:
    rule = Rule(MonthWeekday(date(2026, 1, 1), 5, weekday=4), time(9))
    assert first(rule, date(2026, 1, 1), 3) == ["2026-01-30", "2026-02-27", "2026-03-27"]


def test_every_other_week_counts_from_the_first() -> None:
    rule = Rule(Weeks(date(2026, 1, 7), frozenset({0, 4}), every=2), time(9))  # a Wednesday
    assert first(rule, date(2026, 1, 1), 4) == ["2026-01-09", "2026-01-19", "2026-01-23", "2026-02-02"]


def taken(rule: Rule, start: date, many: int, region: Region) -> list[str]:
    found = islice(recurrence.occurrences(rule, start, region.time_zone, region), many)
    return [f"{wall.wall(moment, region.time_zone):%Y-%m-%d %H:%M}" for _, moment in found]


def test_first_and_last_business_days_step_over_weekends_and_holidays() -> None:
    start = date(2026, 1, 1)
    opening = recurrence.first_business_day(start, time(9))
    closing = recurrence.last_business_day(start, time(9), every=3)
    assert taken(opening, start, 3, NEW_YORK) == ["2026-01-02 09:00", "2026-02-02 09:00", "2026-03-02 09:00"]
    assert taken(closing, start, 3, NEW_YORK) == ["2026-01-30 09:00", "2026-04-30 09:00", "2026-07-31 09:00"]
    assert taken(opening, date(2026, 5, 1), 1, TEL_AVIV) == ["2026-05-03 09:00"]  # the 1st is a Friday


def test_saturday_sunday_and_monday_on_a_monday_are_one_reminder() -> None:
    daily = Rule(Days(date(2026, 1, 1)), time(9), OffDays.NEXT)
    assert taken(daily, date(2026, 2, 13), 3, NEW_YORK) == [  # Monday the 16th is Washington's Birthday
        "2026-02-13 09:00",
        "2026-02-17 09:00",
        "2026-02-18 09:00",
    ]


@pytest.mark.parametrize(
    ("off_days", "friday_the_30th"),
    [(OffDays.AS_IS, "31 09:00"), (OffDays.NEXT, "31 09:00"), (OffDays.PREVIOUS, "29 09:00"), (OffDays.SKIP, None)],
)
def test_a_day_that_a_country_left_out_is_a_free_day(off_days: OffDays, friday_the_30th: str | None) -> None:
    daily = Rule(Days(date(2011, 12, 1)), time(9), off_days)
    found = islice(recurrence.occurrences(daily, date(2011, 12, 29), APIA), 3)
    assert [f"{wall.wall(moment, APIA):%d %H:%M}" for _, moment in found] == ["29 09:00", "31 09:00", "01 09:00"]
    once = Rule(Once(date(2011, 12, 30)), time(9), off_days)
    moment = recurrence.due(once, date(2011, 12, 30), APIA)
    assert (moment and f"{wall.wall(moment, APIA):%d %H:%M}") == friday_the_30th


def test_a_rule_that_is_over_has_no_next() -> None:
    rule = Rule(Once(date(2026, 1, 5)), time(9))
    assert recurrence.next_after(rule, datetime(2026, 1, 5, 9, tzinfo=UTC), "UTC") is None


def test_moving_east_past_the_hour_leaves_the_date_overdue_instead_of_lost() -> None:
    daily = Rule(Days(date(2026, 1, 1)), time(9))
    sunday_night = datetime(2026, 1, 5, 6, tzinfo=UTC)  # Sunday 22:00 in Los Angeles, Monday 19:00 in Auckland
    planned = recurrence.next_after(daily, sunday_night, "America/Los_Angeles")
    assert planned
    assert recurrence.key(planned[0]) == "2026-01-05"
    overdue = recurrence.due(daily, planned[0], "Pacific/Auckland")
    assert overdue
    assert overdue < sunday_night


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
