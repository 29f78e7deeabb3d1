"""A hand at the reading desk that counts its clicks, key presses and typed characters."""

import re
from typing import Any

from tests.reading.articles import Article

_PLACE = """async ([start, end]) => {
  const { rangeOf } = await import("/static/js/desk/text.js");
  const range = rangeOf([start, end]);
  range.startContainer.parentElement.scrollIntoView({ block: "center" });
  const boxes = [...range.getClientRects()].filter((each) => each.width > 0);
  const [first, last] = [boxes[0], boxes.at(-1)];
  return [first.left + 0.5, first.top + first.height / 2, last.right - 0.5, last.top + last.height / 2];
}"""
_MARK = """async ([start, end]) => {
  const { rangeOf } = await import("/static/js/desk/text.js");
  getSelection().removeAllRanges();
  getSelection().addRange(rangeOf([start, end]));
  document.getElementById("reading").focus();
}"""
_LIES = """(wanted) => {
  const at = document.activeElement;
  if (at === wanted) return "here";
  return wanted.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING && at !== document.body ? "before" : "after";
}"""
_SPAN = "(each) => [Number(each.dataset.start), Number(each.dataset.end)]"
_IS_MARKED = "(words) => [...CSS.highlights.get('marked')].some((each) => each.toString() === words)"


class Hand:
    """What somebody does on a page of the desk; `clicks`, `presses` and `typed` count it.

    By keys alone it goes to what it would click with Tab, and presses Enter or the space bar there.
    """

    def __init__(self, page: Any, *, by_keys: bool = False) -> None:
        self.page, self.by_keys = page, by_keys
        self.clicks = self.presses = self.typed = 0

    @property
    def done(self) -> int:
        """Clicks and presses of keys, typed characters among them."""
        return self.clicks + self.presses + self.typed

    def click(self, selector: str) -> None:
        if self.by_keys:
            self.go_to(selector)
            self.press("Space" if "radio" in selector else "Enter")
            return
        self.page.locator(selector).first.click()
        self.clicks += 1

    def go_to(self, selector: str) -> None:
        """Go there with Tab, backwards where it lies behind."""
        where = self.page.locator(selector).first
        where.wait_for(state="attached")
        for _ in range(200):
            lies = where.evaluate(_LIES)
            if lies == "here":
                return
            self.press("Tab" if lies == "after" else "Shift+Tab")
        raise AssertionError(f"{selector} is not reached by the keyboard")

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)
        self.presses += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.typed += len(text)

    def choose(self, selector: str, option: str) -> None:
        """Choose of a list: two clicks, or its first letters."""
        if self.by_keys:
            self.go_to(selector)
            self.type(option[:4])
        else:
            self.page.select_option(selector, option)
            self.clicks += 2

    def paste(self, selector: str, text: str) -> None:
        """A text put in as from the clipboard: one press."""
        if self.by_keys:
            self.go_to(selector)
        else:
            self.click(selector)
        self.page.keyboard.insert_text(text)
        self.presses += 1

    def _drag(self, start: int, end: int) -> None:
        """Mark words with the mouse: one click that is held."""
        left, top, right, bottom = self.page.evaluate(_PLACE, [start, end])
        self.page.mouse.move(left, top)
        self.page.mouse.down()
        self.page.mouse.move(right, bottom, steps=4)
        self.page.mouse.up()
        self.clicks += 1
        self.page.locator(".bar").wait_for()

    def mark(self, text: str, words: str) -> None:
        """Mark words, which is not counted."""
        self.page.evaluate(_MARK, self._place(text, words))
        self.page.locator(".bar").wait_for()
        for _ in range(50):
            if self.page.evaluate(_IS_MARKED, words):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"not marked: {words}")

    @staticmethod
    def _place(text: str, words: str) -> list[int]:
        start = text.index(words)
        return [start, start + len(words)]

    def offered(self, field: str) -> list[str]:
        """The values that are offered for a field."""
        return self.page.locator(f'[data-fill="f-{field}"]').evaluate_all(
            "(found) => found.map((each) => each.dataset.value)"
        )  # type: ignore[no-any-return]

    def sentence(self, number: int) -> None:
        """Mark a sentence of the text: with the mouse, or going there with J and K."""
        if not self.by_keys:
            start, end = self.page.locator(".sentence").nth(number - 1).evaluate(_SPAN)
            self._drag(start, end)
            return
        self.go_to("#reading")
        for _ in range(60):
            if self.page.locator("#told").text_content().startswith(f"Sentence {number} of"):
                return
            told = re.search(r"Sentence (\d+) of", self.page.locator("#told").text_content())
            self.press("k" if told and int(told[1]) > number else "j")
        raise AssertionError(f"sentence {number} is not reached")

    def begin(self, key: str) -> None:
        """Say what the marked words are for, on the bar."""
        if self.by_keys:
            self.press(key)
        else:
            self.click(f'.bar [data-key="{key}"]')

    def take(self, field: str, value: str) -> None:
        """Take what is offered for a field."""
        if self.by_keys:
            at = self.offered(field).index(value) + 1
            self.click(f'.offers:has([data-fill="f-{field}"]) > button:nth-of-type({at})')
            return
        self.page.locator(f'[data-fill="f-{field}"]').evaluate_all(
            "(found, value) => found.find((each) => each.dataset.value === value).click()", value
        )
        self.clicks += 1

    def complete(self, field: str, called: str, value: str) -> None:
        """Type the beginning of a name until it is the first that is offered, and take it by Enter."""
        self.click(f"#f-{field}")
        for letter in called:
            self.type(letter)
            if len(self.page.locator(f"#f-{field}").input_value().strip()) < 2:
                continue
            self.page.wait_for_timeout(120)
            first = self.page.locator(f"#f-{field}-list [role=option]").first
            if first.count() and first.get_attribute("data-value") == value:
                break
        self.press("Enter")

    def recorded(self) -> str:
        """Wait until the fact is recorded or sent, and the text is at hand again; what was said of it."""
        said = self.page.locator("#told", has_text=re.compile(r"^(Recorded|Sent)"))
        said.or_(self.page.locator("#fact [aria-invalid], #wrong:not([hidden])").first).first.wait_for(state="attached")
        assert said.count(), self.page.locator("#hand").inner_text()
        return str(said.text_content())


def registered(article: Article) -> dict[str, Any]:
    """The article as a source."""
    named = {each: getattr(article, each) for each in ("title", "publisher", "published", "zone", "language", "text")}
    return {"id": article.name, **named}
