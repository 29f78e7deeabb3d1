"""A document is read as it is written, its words can be quoted, and one that is made to do harm is refused at once."""

import resource
import subprocess
import sys

import pytest

from events.commands.quotes import SearchableText
from service.documents.document import Unreadable
from service.documents.guesses import agency_in
from service.documents.readers import plain_text
from service.documents.suggestions import suggested_id
from service.documents.taking_in import read_document
from tests.fixtures import document_files as files

WITHIN_SECONDS, WITHIN_MEGABYTES = 5, 200
OF_PAGE = ("Сторони домовилися обміняти по тисячі полонених", "Зустріч тривала дві години")
TYPED = "KYIV (Reuters) - The o\ufb03cers met\u00a0on Monday. \u201cIt\u2019s pris\u00adoners first\u201d, he said."
SAMPLES = {
    "page.html": (files.PAGE.encode("cp1251"), "HTML", OF_PAGE),
    "page.warc.gz": (files.warc(), "WARC", OF_PAGE),
    "page.wacz": (files.wacz(), "WACZ", OF_PAGE),
    "print.pdf": (
        files.pdf(),
        "PDF",
        ("free one thousand prisoners each, twenty-five of them", "The cease-fire holds.", "\u201cnear\u201d, he said"),
    ),
    "typed.docx": (
        files.word_document(TYPED, "Second paragraph."),
        "DOCX",
        ("The officers met on Monday", '"It\'s prisoners first", he said', "Second paragraph", "Exchanged 1,000 each"),
    ),
    "note.eml": (files.MAIL, "e-mail", ("began at noon. Both sides' envoys spoke",)),
    "note.txt": (
        "Сводка\n\nОбе стороны договорились обменять по тысяче пленных, сообщили в Москве.".encode("cp1251"),
        "plain text",
        ("обменять по тысяче пленных",),
    ),
}


@pytest.fixture(scope="module")
def documents():
    return {name: read_document(content, name) for name, (content, _, _) in SAMPLES.items()}


@pytest.mark.parametrize("name", SAMPLES)
def test_words_of_a_document_stand_in_what_is_read_from_it(documents, name: str) -> None:
    text = SearchableText(documents[name]["text"])

    assert documents[name]["format"] == SAMPLES[name][1]
    for quote in SAMPLES[name][2]:
        text.locate(quote, None, None)


def test_a_document_says_what_it_is(documents) -> None:
    def noted(name: str) -> list[str | None]:
        return [documents[name].get(each) for each in ("title", "publisher", "published", "language", "agency")]

    page = ["Обмін полоненими", "Вечірній вісник", "2025-05-16", "uk", "Укрінформ"]
    assert noted("page.html") == noted("page.warc.gz") == noted("page.wacz") == page
    assert noted("note.eml") == ["The talks began", "Press Office", "2025-05-16T10:00:00+03:00", "en", "AA"]
    assert noted("typed.docx")[::2] == ["The talks, as typed", "2013-12-23", "Reuters"]
    assert (documents["print.pdf"]["title"], documents["print.pdf"]["language"]) == ("The talks, in print", "en")
    assert (documents["note.txt"]["title"], documents["note.txt"]["language"]) == ("Сводка", "ru")
    assert documents["page.warc.gz"]["url"] == "https://paper.example/0"
    assert documents["page.warc.gz"]["retrieved_at"] == "2025-05-17T08:00:00Z"


def test_menus_of_a_page_are_no_part_of_its_text(documents) -> None:
    assert "Пошук" not in documents["page.html"]["text"]


def test_a_format_is_told_by_its_content_and_not_by_its_name() -> None:
    assert read_document(files.MAIL, "really.pdf", "application/pdf")["format"] == "e-mail"
    with pytest.raises(
        Unreadable, match=r"'a\.txt' cannot be taken in: it is none of the formats read here: PDF, DOCX"
    ):
        read_document(b"\x89PNG\r\n\x1a\n" + bytes(100), "a.txt", "text/plain")


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("ISTANBUL, May 16 (Reuters) - Both sides", "Reuters"),
        ("İSTANBUL (AA) - Taraflar", "AA"),
        ("МОСКВА, 16 мая. /ТАСС/. Стороны", "ТАСС"),
        ("The talks (and more) went on", None),
    ],
)
def test_an_agency_is_read_from_the_dateline(text: str, agency: str | None) -> None:
    assert agency_in(text) == agency


def test_an_id_is_made_of_publisher_day_and_title() -> None:
    noted = {"publisher": "Вечірній вісник", "published": "2025-05-16T10:00:00+03:00", "title": "Talks: the end?"}

    assert suggested_id(noted) == "vechirniy-visnik-2025-05-16-talks-the-end"
    assert suggested_id({"title": "???"}) == "document"
    assert suggested_id({"title": "word " * 40}).endswith("word-word")


def test_a_paragraph_is_no_title() -> None:
    assert plain_text.read(b"Talks end. No date\n\nThe talks ended.")["title"] == "Talks end. No date"
    assert plain_text.read(b"The talks ended. No date was set.\n\nThat was all.")["title"] is None


def test_a_bomb_in_each_format_is_refused_within_seconds_and_megabytes_and_says_why() -> None:
    slow = []
    for what, content in files.bombs().items():
        before = cpu_seconds()
        with pytest.raises(Unreadable, match=r"the document cannot be taken in: .{20,}") as refused:
            read_document(content)
        seconds = cpu_seconds() - before
        print(f"{what}, {len(content):,} bytes: {seconds:.1f} s: {refused.value.sentence.partition(': ')[2]}")
        slow += [what] if seconds > WITHIN_SECONDS else []
    assert slow == []


def cpu_seconds() -> float:
    """The time that the processes which read documents have worked: others may keep the machine busy meanwhile."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("what", ["PDF that unpacks to 288 MB", "PDF of forms in forms", "mail of 500,000 parts"])
def test_the_process_that_reads_takes_no_more_memory_than_it_may(what: str) -> None:
    baseline, most = megabytes(files.MAIL), megabytes(files.bombs()[what])
    print(f"{what}: {most:.0f} MB, a mail of two lines {baseline:.0f} MB")

    assert most < baseline + WITHIN_MEGABYTES


def megabytes(content: bytes) -> float:
    """How much memory the process that reads a document had at the most, started from one that has little itself."""
    told = "import resource, subprocess, sys; subprocess.run([sys.executable, '-m', 'service.documents.extract'], "
    told += "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    header = b'{"name": "", "media_type": ""}\n'
    return float(subprocess.run([sys.executable, "-c", told], input=header + content, capture_output=True).stdout)
