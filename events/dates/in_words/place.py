"""A place in a text that the pattern of a rule fits: its numbers and names, what stands before, which year is meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from events.dates.in_words.language import Language
from events.dates.in_words.tokens import Token

_FAR_BEFORE, _NEXT_WORD = 70, 20  # characters
_SENTENCE_ENDS = re.compile(r"[.!?…؟]\s|\n")
_OFFSETS = {"l": -1, "t": 0, "f": 1}
_FAR_OFF = 90
"""Days from the report from which on the same day of another year is a second honest reading."""


@dataclass(frozen=True)
class Place:
    """The tokens that a pattern fits, within their text, and the day of the report.

    `told` is the last single day that the text named before, if any.
    """

    tokens: Sequence[Token]
    fit: re.Match[str]
    text: str
    language: Language
    published: date
    told: date | None = None

    def token(self, group: str) -> Token | None:
        """The first token of a group of the pattern, if it is there."""
        at = self.fit.start(group) if group in self.fit.re.groupindex else -1
        return self.tokens[at] if at >= 0 else None

    def value(self, group: str) -> int:
        """The value of a group that is there."""
        token = self.token(group)
        assert token is not None
        return token.value

    def letters(self, group: str) -> str:
        """The letters of a group; empty where it is not there."""
        return (self.fit[group] or "") if group in self.fit.re.groupindex else ""

    def offset(self, group: str) -> int | None:
        """-1, 0 or 1 for "last", "this" and "next" in a group."""
        return next((_OFFSETS[each] for each in self.letters(group) if each in _OFFSETS), None)

    @property
    def before(self) -> str:
        """The letter of the token before, skipping "the" and "of"."""
        letters = self.fit.string[: self.fit.start()].rstrip("o")
        return letters[-1:] or ""

    @property
    def led_by_article(self) -> bool:
        """Whether "the" or "of" stands right before."""
        return self.fit.string[: self.fit.start()].endswith("o")

    @property
    def is_capital(self) -> bool:
        """Whether a name begins with a capital letter, in a language that writes dates so."""
        token = self.token("m")
        return self.language.code != "en" or token is None or self.text[token.start].isupper()

    @property
    def is_to_come(self) -> bool:
        """Whether the words before, or the next one, tell of what is to come, not of what was said or done."""
        start = self.tokens[self.fit.start()].start
        words = self.text[max(0, start - _FAR_BEFORE) : start].lower()
        words = _SENTENCE_ENDS.split(words)[-1]
        after = self.text[self.tokens[self.fit.end() - 1].end :][:_NEXT_WORD].lower().lstrip()
        if re.match(self.language.future, after):
            return True
        future = max((each.end() for each in re.finditer(self.language.future, words)), default=-1)
        said = max((each.end() for each in re.finditer(self.language.said, words)), default=-1)
        return future > said

    def years(self, month: int, day: int) -> list[int]:
        """The years that may be meant with a month, or a day of it; the likeliest first.

        Raises:
            ValueError: there is no such day.
        """
        if self.token("y"):
            return [self.value("y")]
        if self.letters("ry"):
            offset = self.offset("ry")
            return [self.published.year + (self.value("ry") if offset is None else offset)]
        candidates = [_on(self.published.year + each, month, day) for each in (-1, 0, 1)]
        days = [each for each in candidates if each is not None]
        return [each.year for each in self._likely(days)]

    def _likely(self, days: list[date]) -> list[date]:
        """The days nearest to the report, on the side of it that the words say."""
        if weekday := self.token("w") or self.token("w2"):
            fitting = [each for each in days if each.isoweekday() == weekday.value]
            if fitting:
                return sorted(fitting, key=self._distance)[:1]
        if self.is_to_come or self.before == "b":
            near = sorted(days, key=lambda each: self._distance(each) * (3 if each < self.published else 2))
        else:
            near = sorted(days, key=lambda each: self._distance(each) * (2 if each > self.published else 1))
        offset = self.offset("rel")
        if offset == 0:
            return [each for each in days if each.year == self.published.year]
        if offset == -1 or self.before == "S":
            return [each for each in near if each <= self.published][:1]
        if offset == 1:
            return [each for each in near if each >= self.published][:1]
        return near[:2] if near and self._distance(near[0]) > _FAR_OFF else near[:1]

    def _distance(self, day: date) -> int:
        return abs((day - self.published) // timedelta(1))


def _on(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
