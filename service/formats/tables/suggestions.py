"""What the columns of a table seem to be, by their headings and what stands in them: suggestions, to be looked at."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from itertools import islice

from events.facts import KINDS
from events.labels import labels_of
from service.formats.tables.mapping import SOURCE, TableMapping, targets
from service.formats.tables.table import Table

_LOOKED_AT = 2_000
_MOST_KINDS = 100
_CLOSE = 0.8
_CLOSE_KIND = 0.6
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "occurred": (
        *("date", "day", "when", "event date", "happened", "happened on"),
        *("дата", "коли", "день", "дата події", "когда", "дата события"),
        *("tarih", "olay tarihi", "ne zaman", "date de l'événement", "jour", "quand", "التاريخ", "تاريخ الحدث"),
    ),
    "kind": (
        *("kind", "what", "event", "type", "event type", "what happened", "category"),
        *("подія", "що сталося", "тип", "событие", "что произошло", "olay", "tür", "événement", "type d'événement"),
        *("الحدث", "نوع الحدث"),
    ),
    "subject": (
        *("matter", "subject", "about", "issue", "topic", "case"),
        *("справа", "тема", "предмет", "про що", "дело", "вопрос", "konu", "mesele", "sujet", "dossier", "الموضوع"),
    ),
    "exact": (
        *("quote", "words", "exact words", "passage", "citation", "excerpt"),
        *("цитата", "слова", "дослівно", "дословно", "alıntı", "citation exacte", "extrait", "اقتباس"),
    ),
    f"{SOURCE}title": (
        *("title", "headline", "source title", "article", "report"),
        *("заголовок", "назва статті", "название статьи", "başlık", "haber", "titre", "article de presse", "العنوان"),
    ),
    f"{SOURCE}publisher": (
        *("publisher", "outlet", "newspaper", "source", "medium", "agency"),
        *("видання", "джерело", "издание", "источник", "yayın", "kaynak", "éditeur", "journal", "الناشر", "المصدر"),
    ),
    f"{SOURCE}published": (
        *("published", "publication date", "report date", "source date"),
        *("опубліковано", "дата публікації", "опубликовано", "дата публикации", "yayın tarihi", "publié", "publié le"),
        *("تاريخ النشر",),
    ),
    f"{SOURCE}url": ("url", "link", "address", "посилання", "ссылка", "bağlantı", "lien", "adresse", "الرابط"),
    f"{SOURCE}text": ("text", "full text", "текст", "повний текст", "полный текст", "metin", "texte", "النص"),
    "attributed_to": (
        *("according to", "speaker", "said by", "who says so"),
        *("хто сказав", "за словами", "кто сказал", "по словам", "kime göre", "selon", "وفقا"),
    ),
    "note": ("note", "notes", "remark", "comment", "примітка", "примечание", "not", "remarque", "ملاحظة"),
}


def suggested(table: Table) -> TableMapping:
    """A mapping that the headings suggest, with the kinds that the words of the column of kinds suggest."""
    columns: dict[str, str] = {}
    for heading in table.headings:
        field = field_suggested(heading)
        if field and field not in columns.values():
            columns[heading] = field
    values = {}
    if kind_column := next((heading for heading, field in columns.items() if field == "kind"), None):
        found = {words: kind_suggested(words) for words in values_in(table, kind_column)}
        values["kind"] = {words: kind for words, kind in found.items() if kind and kind != words}
    return TableMapping(columns=columns, values=values)


def field_suggested(heading: str) -> str | None:
    """The field that a heading seems to mean."""
    names = _names_of_fields()
    near = get_close_matches(_plain(heading), names, 1, _CLOSE)
    return names[near[0]] if near else None


def kind_suggested(words: str) -> str | None:
    """The kind of fact that words seem to mean."""
    names = _names_of_kinds()
    near = get_close_matches(_plain(words), names, 1, _CLOSE_KIND)
    return names[near[0]] if near else None


def values_in(table: Table, heading: str) -> list[str]:
    """The different words in a column, as far as the first rows have them."""
    cells = (row.cells.get(heading) for row in islice(table.rows(), _LOOKED_AT))
    return list(islice(dict.fromkeys(cell for cell in cells if cell), _MOST_KINDS))


@cache
def _names_of_fields() -> dict[str, str]:
    """What fields are called, by themselves, by their labels and by what people write above columns."""
    labels = {_plain(label): field for kind in KINDS.values() for field, label in labels_of(kind).items()}
    labels |= {_plain(field): field for field in targets()}
    return labels | {_plain(words): field for field, written in _HEADINGS.items() for words in written}


@cache
def _names_of_kinds() -> dict[str, str]:
    return {form: name for name, kind in KINDS.items() for form in (_plain(kind.words), _plain(_apart(name)))}


def _apart(name: str) -> str:
    """A class name as words: `SwapAgreed` as "Swap Agreed"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _plain(words: str) -> str:
    return " ".join(re.split(r"[\W_]+", words.casefold())).strip()
