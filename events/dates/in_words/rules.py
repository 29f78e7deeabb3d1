"""The rules by which words are read as dates: each has a name, a pattern of letters of `tokens` and a function.

A weekday in a report is the last such day, that day included, unless words of what is to come stand before it. A month
has three parts of ten days, a year three of four months; a week goes from Monday to Sunday. A day without a year is the
one nearest to the report.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from events.dates.in_words import days, periods
from events.dates.in_words.language import Language
from events.dates.in_words.place import Place
from events.dates.in_words.reading import Reading

_WEEKDAY = "(?:(?:e[io]*)?D?(?P<w>w)[eDN]*,?[io]*)?"
_MONTH, _OTHER_MONTH = r"M?(?P<m>m)(?:/m)?(?:\.(?=,?[yn]))?M?", r"M?(?P<m1>m)M?"
_YEAR = r"(?:[,o]*(?:Y?(?P<y>y)Y?|(?P<ry>{RELATIVE_YEAR})))"


class Rule(NamedTuple):
    """How dates of one shape are read.

    Attributes:
        pattern: a regular expression over the letters of tokens.
        read: the readings of a place that the pattern fits, the likeliest first; none where it is no date after all.
        holds: whether the rule is one of a language.
        ahead: its name where what was read lies after the report, if that is another.
    """

    name: str
    pattern: str
    read: Callable[[Place], list[Reading]]
    holds: Callable[[Language], bool] = lambda _: True
    ahead: str = ""

    def name_of(self, readings: Sequence[Reading], published: date) -> str:
        """The name of the rule by which these were read."""
        return self.ahead if self.ahead and readings[0].first > published.isoformat() else self.name


RULES = (
    Rule("date in numbers", "(?:{WEEKDAY})(?P<X>X)Y?", days.in_numbers),
    Rule("day, month and year", "{WEEKDAY}D?(?P<d>[nO])o*{MONTH}{YEAR}(?:,?w[De]*)?", days.day),
    Rule("day and month, year of the report", "{WEEKDAY}D?(?P<d>[nO])o*{MONTH}{REL}?(?:,?(?P<w2>w)[De]*)?", days.day),
    Rule("day, month and year", "{WEEKDAY}{MONTH}o?(?P<d>n){YEAR}", days.day, lambda each: each.month_first),
    Rule("day and month, year of the report", "{WEEKDAY}{MONTH}o?(?P<d>n)", days.day, lambda each: each.month_first),
    Rule(
        "days of one month", "D?S?o*(?P<d>n)(?P<more>(?:,n)*(?:[TcR-]o*n))o*{MONTH}(?:{YEAR}|{REL})?", days.run_of_days
    ),
    Rule("days of one month", "So*(?P<d>n)(?P<more>bn)o*{MONTH}{YEAR}?", days.run_of_days),
    Rule(
        "days of one month", "{MONTH}(?P<d>n)(?P<more>[Tc-]n){YEAR}?", days.run_of_days, lambda each: each.month_first
    ),
    Rule("between days of one month", "Wo*(?P<d>n)(?P<more>[Tc-]o*n)o*{MONTH}{YEAR}?", days.between_days),
    Rule("between days of one month", "Wo*{MONTH}(?P<d>n)(?P<more>cn){YEAR}?", days.between_days),
    Rule("night", "N[oiSW]*(?P<d1>n)(?:o*{OTHER_MONTH})?[Tic-]o*(?P<d>n)o*{MONTH}{YEAR}?", days.night),
    Rule("night", "(?P<d1>n){OTHER_MONTH}(?P<d>n){MONTH}{YEAR}?o*N", days.night),
    Rule("night", "N[io]*(?P<d>n)o*{MONTH}{YEAR}?", days.night),
    Rule("night", "N[iToSc]*(?P<w1>w)[Tico-]*(?P<w>w)", days.night_of_weekdays),
    Rule("night", "(?P<w1>w)(?P<w>w)oN", days.night_of_weekdays),
    Rule("night", "N[ioTS]+(?P<w>w)", days.night_of_weekdays),
    Rule("night before the report", "[lt]N|(?P<N>N)", days.last_night),
    Rule("weekday of a week", "(?:e[io]*)?D?(?P<w>w)[De]*[,o]*(?P<week>[ltf]K|K[ltf])", days.weekday_of_week),
    Rule(
        "weekday before the report",
        "(?:e[io]*)?(?P<rel>[ltf])?D?(?P<w>w)[eDN]*(?P<end>{REL_END})",
        days.weekday,
        ahead="weekday after the report",
    ),
    Rule("day told from the report", "(?:e[io]*)?(?P<r>r)[io]*[eN]?|(?P<te>te)", days.relative_day),
    Rule("time before the report", "(?P<q>[nq#])?(?P<u>[DKMY])A", periods.ago),
    Rule("time before the report", "Ao*(?P<q>[nq#])(?P<u>[DKMY])", periods.ago),
    Rule(
        "time before the report",
        "[<S](?P<q>[nq#])?(?P<u>[DKMY])(?![tlfwny])",
        periods.ago,
        lambda each: each.code == "ar",
    ),
    Rule("day told from the date before", "i?(?P<r>=)|(?P<q>[nq#])(?P<u>[DK])(?P<way>[+^])", days.from_date_before),
    Rule("month and year", "{MONTH}{YEAR}", periods.month),
    Rule("month, year of the report", "(?P<rel>[ltf])?{MONTH}(?P<end>{REL_END})", periods.month),
    Rule("season and year", "(?:(?P<rel>[ltf])o*|(?P<ry>G))?(?P<s>[sz])(?P<end>{REL_END})", periods.season),
    Rule("season and year", "(?P<s>[sz]){YEAR}", periods.season),
    Rule("season and year", "(?P<y>y)Y?(?P<s>[sz])", periods.season, lambda each: each.after),
    Rule("part of a season", "p[o-]*(?P<s>s){YEAR}?", periods.season),
    Rule("part of a month", "(?P<p>p)[io-]*(?P<rel>[ltf])?{MONTH}(?:{YEAR}|(?P<end>{REL_END}))", periods.part_of_month),
    Rule("part of a month", "{MONTH}{YEAR}?(?P<p>p)", periods.part_of_month, lambda each: each.after),
    Rule("part of a month", "(?P<p>p)[io-]*(?P<rel>[ltf])?o*M(?P<end>{REL_END})", periods.part_of_this_month),
    Rule("part of a month", "(?P<rel>[ltf])?M(?P<p>p)", periods.part_of_this_month, lambda each: each.after),
    Rule("part of a year", "(?P<p>p)[io-]*(?:(?P<rel>[ltf])?o*Y(?P<end>{REL_END})|Y?(?P<y>y)Y?)", periods.part_of_year),
    Rule("part of a year", "(?:(?P<rel>[ltf])?Y|(?P<y>y)Y?)(?P<p>p)", periods.part_of_year, lambda each: each.after),
    Rule(
        "week, month or year told from the report",
        "(?:p[io]*)?(?P<rel>[ltf])o*(?P<u>[KMY])|(?P<ry>G)",
        periods.relative,
    ),
    Rule(
        "week, month or year told from the report",
        "(?:p[io]*)?(?P<u>[KMY])(?P<rel>[ltf])",
        periods.relative,
        lambda each: each.adjectives_follow,
    ),
    Rule("weekend", "(?P<rel>[ltf])?o*E(?P<end>{REL_END})", periods.weekend),
    Rule("year", "(?P<y>y)Y|Y(?P<y2>y)", periods.year),
    Rule("year", "(?P<y>y)", periods.bare_year),
)


@cache
def rules_of(language: Language) -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    """The rules of a language with their patterns."""
    follow = language.adjectives_follow
    parts = {
        "WEEKDAY": _WEEKDAY,
        "MONTH": _MONTH,
        "OTHER_MONTH": _OTHER_MONTH,
        "YEAR": _YEAR.replace("{RELATIVE_YEAR}", "[ltf]Y|Y[ltf]|G" if follow else "[ltf]Y|G"),
        "REL": "(?P<rel>[ltf])" if follow else "(?P<rel>(?!))",
        "REL_END": "[ltf]?" if follow else "",
    }
    found = []
    for rule in RULES:
        if rule.holds(language):
            pattern = rule.pattern
            for name, part in parts.items():
                pattern = pattern.replace(f"{{{name}}}", part)
            found.append((rule, re.compile(pattern)))
    return tuple(found)
