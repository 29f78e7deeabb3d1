"""A hand at the reading desk that counts its clicks, key presses and typed characters."""

from pathlib import Path
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
_SELECTED = "() => getSelection().toString()"


class Hand:
    """What somebody does on a page of the desk; `clicks`, `presses` and `typed` count it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = self.presses = self.typed = 0

    @property
    def done(self) -> int:
        """Clicks and presses of keys, typed characters among them."""
        return self.clicks + self.presses + self.typed

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.clicks += 1

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)
        self.presses += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.typed += len(text)

    def paste(self, selector: str, text: str) -> None:
        """A text put in as from the clipboard: one press."""
        self.page.locator(selector).fill(text)
        self.presses += 1

    def drag(self, text: str, words: str) -> None:
        """Mark words with the mouse: one click that is held."""
        left, top, right, bottom = self.page.evaluate(_PLACE, self._place(text, words))
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
        self.page.wait_for_function("(words) => CSS.highlights.get('marked') && [...CSS.highlights.get('marked')].some((each) => each.toString() === words)", arg=words)

    @staticmethod
    def _place(text: str, words: str) -> list[int]:
        start = text.index(words)
        return [start, start + len(words)]

    def offered(self, field: str) -> list[str]:
        """The values that are offered for a field."""
        return self.page.locator(f'[data-fill="f-{field}"]').evaluate_all("(found) => found.map((each) => each.dataset.value)")  # type: ignore[no-any-return]

    def take(self, field: str, value: str) -> None:
        """Take what is offered for a field."""
        self.page.locator(f'[data-fill="f-{field}"]').evaluate_all(
            "(found, value) => found.find((each) => each.dataset.value === value).click()", value
        )
        self.clicks += 1

    def complete(self, field: str, called: str, value: str) -> None:
        """Type the beginning of a name until it is the first that is offered, and take it by Enter."""
        self.click(f"#f-{field}")
        for letter in called:
            self.type(letter)
            if self.page.locator(f"#f-{field}").input_value().strip().__len__() < 2:
                continue
            self.page.wait_for_timeout(120)
            first = self.page.locator(f"#f-{field}-list [role=option]").first
            if first.count() and first.get_attribute("data-value") == value:
                break
        self.press("Enter")

    def recorded(self) -> str:
        """Wait until the fact is recorded or sent, and the text is at hand again; what was said of it."""
        self.page.wait_for_function("!document.querySelector('#fact') && document.querySelector('#told').textContent")
        return str(self.page.locator("#told").text_content())


def registered(article: Article) -> dict[str, Any]:
    """The article as a source."""
    named = {each: getattr(article, each) for each in ("title", "publisher", "published", "zone", "language", "text")}
    return {"id": article.name, **named}


SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
