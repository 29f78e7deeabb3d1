"""Documents that pass between parties: memoranda, drafts, lists."""

from events.facts import Fact
from events.field_types import ActorId, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Document(Subject):
    """A paper that one party announces, hands over or answers."""

    words = "Document"
    nouns = stems(
        "en: paper, memorandum, document, draft, letter, reply; uk: проєкт, меморандум, документ, лист, відповідь;"
        " ru: меморандум, документ, проект, письмо, ответ; tr: belge, taslak, memorandum, mektup;"
        " fr: mémorandum, document, projet, texte, lettre; ar: مذكرة, وثيقة, مسودة, رسالة"
    )
    ladder = ("announced", "handed over", "answered")


class DocumentAnnounced(Fact):
    """Somebody announced a document."""

    words = "A document was announced"
    verbs = stems(
        "en: announc, will present, preparing a; uk: анонсува, підготу; ru: анонсир, подготов; tr: duyur, sunacak;"
        " fr: annonc, présentera; ar: أعلن, ستقدم"
    )
    about = Document
    reaches = "announced"
    acts = ("by",)
    sentence = "[{by} ]announced the document[ {title}]"

    by: ActorId = labelled("Announced by")
    title: Text = labelled("Title")


class DocumentHandedOver(Fact):
    """A document was handed over."""

    words = "A document was handed over"
    verbs = stems(
        "en: handed over, gave, deliver, exchanged documents, passed; uk: переда, вручи; ru: переда, вручи, получил;"
        " tr: verildi, sundu, teslim, verilen; fr: remis, transmis; ar: سلم, قدم"
    )
    about = Document
    reaches = "handed over"
    sentence = "[{giver} ]handed over the document[ {title}][ to {receiver}][ through {via}]"

    giver: ActorId = labelled("Handed over by")
    receiver: ActorId = labelled("Handed over to")
    via: ActorId = labelled("Passed on by")
    title: Text = labelled("Title")


class DocumentAnswered(Fact):
    """Somebody answered the document."""

    words = "The document was answered"
    verbs = stems(
        "en: answer, reply, respon; uk: відповід; ru: ответ; tr: yanıt, cevap; fr: répond, répons; ar: رد, يرد"
    )
    about = Document
    reaches = "answered"
    acts = ("by",)
    sentence = "[{by} ]answered the document"

    by: ActorId = labelled("Answered by")


class DocumentWithdrawn(Fact):
    """The document was taken back."""

    words = "The document was taken back"
    verbs = stems("en: withdr, took back; uk: відклика; ru: отозва; tr: geri çek; fr: retir; ar: سحب")
    about = Document
    halts = "withdrawn"
    acts = ("by",)
    sentence = "[{by} ]withdrew the document"

    by: ActorId = labelled("Taken back by")
