"""EDTF text is read, refused and bounded as ISO 8601-2 says."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from edtf import parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st

from events.dates.bounds import Bounds, Certainty, bounds_of, certainty, clock_bound, instant
from events.dates.calendar import DAY, civil_date, day_number, instant_text, local_to_utc, month_length
from events.dates.edtf import parse

# Vectors that contradict ISO 8601-2:2019 or the rules of this service, each with its reason.
PADDED = "an unknown end is unbounded; python-edtf pads it by ten years"
WINTER = "winter runs into the next year; python-edtf keeps it within one"
SIGNIFICANT = "significant digits bound the year; python-edtf's strict bounds ignore them"
SPACED = "white space is no part of the format; edtf-validate refuses it too"
TIMES = "an interval may have date-times at its ends, as ISO 8601-1 has it; EDTF leaves times out of intervals"
DISAGREEMENTS = {
    "/2006": PADDED,
    "2004-06-01/": PADDED,
    "1984-06-02?/": PADDED,
    "2010-24": WINTER,
    "1950S2": SIGNIFICANT,
    "1953S2": SIGNIFICANT,
    "1953S3": SIGNIFICANT,
    "Y17101E4S3": SIGNIFICANT,
    "Y3388E2S3": SIGNIFICANT,
    "Y171010000S3": SIGNIFICANT,
    "[1667, 1668, 1670..1672]": SPACED,
    "[1760-01, 1760-02, 1760-12..]": SPACED,
    "[1667, 1760-12]": SPACED,
    "{1667,1668, 1670..1672}": SPACED,
    "{1960, 1961-12}": SPACED,
    "2005-07-25T10:10:10Z/2006-01-01T10:10:10Z": TIMES,
    "2005-07-25T10:10:10Z/2006-01": TIMES,
    "2005-07-25/2006-01-01T10:10:10Z": TIMES,
}

SLOWLY_READ = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 100
"""How many dates are compared with python-edtf, which takes a hundredth of a second for one."""


def shown(day: int | None, without: str) -> str:
    if day is None:
        return without
    year, month, number = civil_date(day)
    return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{number:02}"


def inclusive(text: str) -> tuple[str, str]:
    firsts, afters = parse(text).span
    first = min((each.wall // DAY for each in firsts), default=None)
    last = max(((each.wall + each.later - 1) // DAY for each in afters), default=None)
    return shown(first, "-inf"), shown(last, "inf")


def is_read(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def test_every_vector_is_read_refused_and_bounded_but_those_listed_with_a_reason(shared: Path) -> None:
    lines = (shared / "data" / "edtf" / "vectors.jsonl").read_text(encoding="utf-8").splitlines()
    vectors: list[dict[str, Any]] = [json.loads(line) for line in lines]
    contradicted = set()
    for vector in vectors:
        text, kind = vector["edtf"], vector["kind"]
        agrees = is_read(text) == (kind != "invalid")
        if kind == "bounds" and agrees:
            agrees = inclusive(text) == (vector["lower_strict"], vector["upper_strict"])
        if not agrees:
            contradicted.add(text)

    assert len(vectors) > 200
    assert contradicted == set(DISAGREEMENTS)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2010-24", "2010-12-01", "2011-02-28"),
        ("1950S2", "1900-01-01", "1999-12-31"),
        ("-0100", "-0100-01-01", "-0100-12-31"),
        ("Y17E7", "170000000-01-01", "170000000-12-31"),
        ("XXXX-02-29", "0000-02-29", "9996-02-29"),
        ("2001-30", "2001-12-01", "2002-02-28"),
        ("2001-41", "2001-07-01", "2001-12-31"),
        ("[..2025-06-02]", "-inf", "2025-06-02"),
        ("{1667,1668,1670..1672}", "1667-01-01", "1672-12-31"),
        ("2025-06-21/2025-06-30", "2025-06-21", "2025-06-30"),
    ],
)
def test_a_date_is_bounded_by_the_hull_of_its_days(text: str, first: str, last: str) -> None:
    assert inclusive(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["2025-02-29", "2006/2004", "2025-13", "2025-06-31", "", "soon", "2025-6-1", "Y2006", "/", "[2025..]x", "1950S",
     "2025-06-02T25:00:00", "2025-06-02T10:60", "2025-06-02T24:00", "2025-06-02T10:00:60", "2025-06-02T10?", "2025-06-XXT10",
     "2025-06-02T10:00:00.1234567", "2025-06-02T", "2025-06-02T10:00/12:00", "2025-06-02T10:00/PT2H",
     "2025-06-02T10:00/2025-06-01T10:00", "2025-06-02T10:00Z/2025-06-02T12:30+03:00", "2025-06-02T10:00+25:00", "[2020,..2021]", "[a]", "{1960]", "Y1E99999999999", "9" * 200],
)  # fmt: skip
def test_what_is_not_a_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(text)


def test_an_end_that_is_open_or_unknown_is_without_bound() -> None:
    assert inclusive("2004/..") == inclusive("2004/") == ("2004-01-01", "inf")
    assert inclusive("../2004") == inclusive("/2004") == ("-inf", "2004-12-31")


def test_qualifiers_move_no_bounds() -> None:
    assert parse("1984-06?/2004-08~") == parse("1984-06/2004-08")


def test_lasting_these_days_has_the_same_hull_as_one_of_these_days() -> None:
    assert parse("2025-06-21/2025-06-30").span == parse("[2025-06-21..2025-06-30]").span


def test_a_day_is_that_day_in_its_zone() -> None:
    assert bounds_of("2025-06-02", "Europe/Istanbul") == Bounds(
        instant("2025-06-01T21:00:00Z"), instant("2025-06-02T21:00:00Z")
    )


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [("Europe/Kyiv", "2025-01-14T22:00:00Z"), ("Europe/Moscow", "2025-01-14T21:00:00Z"),
     ("Europe/Istanbul", "2025-01-14T21:00:00Z")],
)  # fmt: skip
def test_in_winter_kyiv_is_two_hours_ahead_and_moscow_and_istanbul_three(zone: str, midnight: str) -> None:
    assert bounds_of("2025-01-15", zone).lo == instant(midnight)


def test_an_ambiguous_local_time_is_the_earlier() -> None:
    assert bounds_of("2025-10-26T03:30:00", "Europe/Kyiv").lo == instant("2025-10-26T00:30:00Z")


def test_a_day_that_the_clocks_skipped_whole_is_not_nothing() -> None:
    lo, hi = bounds_of("2011-12-30", "Pacific/Apia")

    assert lo is not None
    assert hi == lo + 1


def test_a_date_time_is_an_instant_wherever_its_zone() -> None:
    assert bounds_of("2025-06-02T14:00:00Z", "Asia/Tokyo") == Bounds(
        instant("2025-06-02T14:00:00Z"), instant("2025-06-02T14:00:00Z") + 1
    )
    assert bounds_of("2025-06-02T14:00:00+03:00", "UTC").lo == instant("2025-06-02T11:00:00Z")


def test_a_beginning_given_an_interval_is_dated_by_its_start() -> None:
    assert bounds_of("2025-06-01/2025-06-30", "UTC", begins=True) == bounds_of("2025-06-01", "UTC")
    assert bounds_of("../2025-06-30", "UTC", begins=True) == Bounds(None, instant("2025-07-01T00:00:00Z"))


def test_month_and_day_precision_are_certain_at_different_moments() -> None:
    by_the_15th = clock_bound("2025-06-15", "UTC")

    assert certainty(bounds_of("2025-06", "UTC"), by_the_15th) is Certainty.POSSIBLE
    assert certainty(bounds_of("2025-06-15", "UTC"), by_the_15th) is Certainty.CERTAIN
    assert certainty(bounds_of("2025-06-16", "UTC"), by_the_15th) is Certainty.NOT_YET


@given(
    st.builds("{}{:04}-{:02}-{:02}".format, st.sampled_from(["", "-"]), *map(st.integers, (0, 0, 0), (9999, 13, 32))),
    st.sampled_from(["UTC", "Europe/Kyiv", "Pacific/Apia"]),
)
def test_a_clock_reading_by_day_ends_where_the_day_ends(text: str, zone: str) -> None:
    try:
        expected = bounds_of(text, zone).hi
    except ValueError:
        with pytest.raises(ValueError, match=text):
            clock_bound(text, zone)
        return

    assert clock_bound(text, zone) == expected


def test_a_clock_reading_by_day_ends_with_the_day_and_by_instant_includes_it() -> None:
    assert clock_bound("2025-06-02", "Europe/Istanbul") == instant("2025-06-02T21:00:00Z")
    assert clock_bound("2025-06-02T21:00:00Z", "UTC") == instant("2025-06-02T21:00:00Z") + 1


@pytest.mark.parametrize("text", ["yesterday", "2025-06", "2025-06-02T10:00:00", "2025-02-30", "2025-06-02T25:00:00Z"])
def test_a_clock_reading_that_is_neither_day_nor_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2025"):
        clock_bound(text if "2025" in text else "2025-yesterday", "UTC")


@given(st.integers(-4_000_000, 4_000_000))
def test_days_and_dates_are_the_same_thing(number: int) -> None:
    year, month, day = civil_date(number)

    assert day_number(year, month, day) == number
    assert 1 <= day <= month_length(year, month)


@settings(max_examples=SLOWLY_READ)
@given(st.dates().map(str), st.sampled_from(["", "?", "~", "%"]))
def test_plain_days_agree_with_python_edtf(text: str, qualifier: str) -> None:
    theirs = parse_edtf(text + qualifier)
    first, last = theirs.lower_strict(), theirs.upper_strict()

    assert inclusive(text + qualifier) == (
        f"{first.tm_year:04}-{first.tm_mon:02}-{first.tm_mday:02}",
        f"{last.tm_year:04}-{last.tm_mon:02}-{last.tm_mday:02}",
    )


@dataclass(frozen=True)
class Time:
    """A date-time as it is written, and how Python reads it."""

    wall: datetime
    clock: str
    lasts: timedelta
    shift: str

    @property
    def text(self) -> str:
        return f"{self.wall:%Y-%m-%d}T{self.clock}{self.shift}"

    def bounds(self, zone: str, shared: str = "") -> Bounds:
        shift = self.shift or shared
        if shift:
            start = datetime.fromisoformat(f"{self.wall.isoformat()}{shift.replace('Z', '+00:00')}")
        else:
            start = self.wall.replace(tzinfo=ZoneInfo(zone))  # fold 0: the earlier, and the offset before a skip
        lo = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        return Bounds(lo, lo + self.lasts // timedelta(microseconds=1))


@st.composite
def times(draw: st.DrawFn) -> Time:
    """A time of a day of some year, with hours alone, minutes, seconds or fractions, most often near a change of clocks."""
    changes = [datetime(2025, 3, 30), datetime(2025, 10, 26), datetime(2025, 3, 9), datetime(2025, 11, 2)]
    day = draw(st.sampled_from(changes) | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
    hour, minute, second = draw(st.integers(0, 23)), draw(st.integers(0, 59)), draw(st.integers(0, 59))
    fraction = draw(st.integers(0, 999_999))
    shift = draw(st.sampled_from(["", "", "Z", "+03:00", "-05:00", "+05:30"]))
    written = [
        (f"{hour:02}", timedelta(hours=1), {}),
        (f"{hour:02}:{minute:02}", timedelta(minutes=1), {"minute": minute}),
        (f"{hour:02}:{minute:02}:{second:02}", timedelta(microseconds=1), {"minute": minute, "second": second}),
        (
            f"{hour:02}:{minute:02}:{second:02}.{fraction:06}",
            timedelta(microseconds=1),
            {"minute": minute, "second": second, "microsecond": fraction},
        ),
    ]
    clock, lasts, parts = draw(st.sampled_from(written))
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return Time(midnight.replace(hour=hour, **parts), clock, lasts, shift)


SOME_ZONES = st.sampled_from(["UTC", "Europe/Kyiv", "America/New_York", "Asia/Kolkata"])


@given(times(), SOME_ZONES)
def test_a_time_lasts_from_its_start_for_as_long_as_what_it_names(time: Time, zone: str) -> None:
    assert bounds_of(time.text, zone) == time.bounds(zone)


@given(times(), times(), SOME_ZONES, st.sampled_from(["{}/{}", "[{}..{}]", "{{{}..{}}}"]))
def test_from_one_time_to_another_lasts_from_the_first_bound_to_the_last_and_shares_the_offset(
    one: Time, other: Time, zone: str, shape: str
) -> None:
    begins, ends = one.bounds(zone), other.bounds(zone, one.shift)
    text = shape.format(one.text, other.text)
    try:
        found = bounds_of(text, zone)
    except ValueError:
        assert ends.hi <= begins.lo + 24 * 3600 * 1_000_000  # what differs by more is told apart in any zone
        return

    assert found == Bounds(begins.lo, max(ends.hi, begins.lo + 1))
    if "/" in text:
        assert bounds_of(text, zone, begins=True) == begins


@given(times(), times(), SOME_ZONES)
def test_a_set_of_times_is_bounded_by_its_hull(one: Time, other: Time, zone: str) -> None:
    members = one.bounds(zone), other.bounds(zone)

    assert bounds_of(f"[{one.text},{other.text}]", zone) == Bounds(
        min(each.lo for each in members), max(each.hi for each in members)
    )


@settings(max_examples=SLOWLY_READ)
@given(times(), st.sampled_from(["", "+03:00"]))
def test_seconds_agree_with_python_edtf(time: Time, shift: str) -> None:
    text = f"{time.wall:%Y-%m-%dT%H:%M:%S}{shift or 'Z'}"

    theirs = parse_edtf(text).lower_strict()

    assert bounds_of(text, "UTC").lo is not None
    assert tuple(theirs)[:3] == (time.wall.year, time.wall.month, time.wall.day)


def test_a_time_and_a_day_stand_at_the_ends_of_one_interval() -> None:
    assert bounds_of("2025-04-19T18:00+03:00/2025-04-21T00:00", "UTC") == Bounds(
        instant("2025-04-19T15:00:00Z"), instant("2025-04-20T21:01:00Z")
    )
    assert bounds_of("2025-04-19T18/2025-04-20", "Europe/Kyiv") == Bounds(
        instant("2025-04-19T15:00:00Z"), instant("2025-04-20T21:00:00Z")
    )
    assert bounds_of("2025-04-19T18:00/..", "UTC") == Bounds(instant("2025-04-19T18:00:00Z"), None)
    assert bounds_of("../2025-04-19T18:00:00.5Z", "UTC").hi == instant("2025-04-19T18:00:00.500001Z")


def test_an_hour_that_ends_in_a_skip_of_the_clocks_still_lasts_an_hour() -> None:
    lo, hi = bounds_of("2025-03-30T02", "Europe/Kyiv")

    assert lo is not None
    assert hi == lo + 3600 * 1_000_000


@given(st.text(alphabet="0123456789-/.[]{},XYESTZ:+?~%", max_size=24))
def test_any_text_is_either_read_in_order_or_refused(text: str) -> None:
    try:
        lo, hi = bounds_of(text, "UTC")
    except ValueError:
        return
    assert lo is None or hi is None or lo < hi


@given(st.integers(-(10**18), 10**18))
def test_an_instant_is_written_so_that_it_is_read_back(at: int) -> None:
    text = instant_text(at)
    year = text.rpartition("-")[0].rpartition("-")[0]

    if len(year) == 4 and not text.startswith(("-", "0000")):
        assert instant(text) == at


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "America/New_York", "Asia/Tokyo"])
def test_years_that_python_lacks_have_offsets_too(zone: str) -> None:
    for year in (-5000, 0, 9_999, 12_025):
        local = day_number(year, 7, 1) * DAY
        assert abs(local - local_to_utc(local, zone)) < DAY
