"""Forms as a browser without JavaScript sends them: what stands in them, changed by what somebody types."""

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient


class _Fields(HTMLParser):
    """The fields of the form of a page that is sent to the page's own address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self.choices: dict[str, list[str]] = {}
        self._action, self._is_in, self._area, self._select = action, False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_in = given.get("action") == self._action
        if not self._is_in:
            return
        name = given.get("name", "")
        if tag == "input" and given.get("type") != "checkbox":
            self.fields[name] = given.get("value", "")
        elif tag == "input":
            self.choices.setdefault(name, []).append(given["value"])
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.choices.setdefault(self._select, []).append(given["value"])
            if "selected" in given or self._select not in self.fields:
                self.fields[self._select] = given["value"]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._is_in = False


class Page:
    """A page with a form, in a browser that is signed in."""

    def __init__(self, client: FlaskClient, address: str, answer: Any = None) -> None:
        self.client, self.address = client, address
        self.answer = client.get(address) if answer is None else answer
        read = _Fields(address.partition("?")[0])
        read.feed(self.answer.text)
        self.fields, self.choices = read.fields, read.choices

    @property
    def status(self) -> int:
        return int(self.answer.status_code)

    @property
    def text(self) -> str:
        """What can be read on it, without tags and with single blanks."""
        return " ".join(re.sub(r"<[^>]*>", " ", self.answer.text).split())

    def faults(self) -> dict[str, str]:
        """What is said beside fields, by the id of the field."""
        found = re.findall(r'<p class="fault" id="f-(.*?)-wrong">(.*?)</p>', self.answer.text, re.DOTALL)
        return {name: " ".join(sentence.split()) for name, sentence in found}

    def sent(self, step: str, **typed: Any) -> "Page":
        """The page that answers when the form is sent with what is typed; dots in names are written as two lines."""
        given = {name.replace("__", "."): value for name, value in typed.items()}
        address = self.address.partition("?")[0]
        answer = self.client.post(address, data={**self.fields, **given, "step": step})
        return Page(self.client, address, answer)

    def recorded(self, **typed: Any) -> str:
        """Look what it would change, then record: the address that the browser is sent to."""
        looked = self.sent("check", **typed)
        assert looked.status == 200, (looked.faults(), looked.text[:2000])
        assert "hat it would" in looked.text or "nobody can bring them back" in looked.text
        done = looked.sent("record", **{each: typed[each] for each in typed if isinstance(typed[each], list)})
        assert done.status == 303, (done.faults(), done.text[:2000])
        return str(done.answer.headers["Location"])
