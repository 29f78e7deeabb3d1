"""Agreements between parties, from their being reached to their end."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Agreement(Subject):
    """What parties agree upon, in writing or not."""

    words = "Agreement"
    nouns = stems(
        "en: agreement, deal, treaty, accord, pact; uk: угод, договор, договір; ru: соглашен, договор;"
        " tr: anlaşma, antlaşma, mutabakat; fr: accord, traité, pacte; ar: اتفاق, معاهدة"
    )
    ladder = ("reached", "signed", "in force", "implemented")
    lasting = ("in force", "suspended")


class AgreementReached(Fact):
    """Parties came to an agreement."""

    words = "An agreement was reached"
    verbs = stems(
        "en: agree, reached, ratif, deal; uk: домовил, досягну, погоди; ru: достигну, договори; tr: anlaş, varıl;"
        " fr: conclu, parven, accord; ar: توصل, اتفق"
    )
    about = Agreement
    reaches = "reached"
    once = True
    sentence = "[{parties} ]reached an agreement[: {scope}]"
    cameo = "030"

    parties: Actors = labelled("Between")
    scope: Text = labelled("What it covers")


class AgreementSigned(Fact):
    """The agreement was signed."""

    words = "The agreement was signed"
    verbs = stems("en: sign; uk: підпис; ru: подпис; tr: imzala; fr: sign; ar: وقع, توقيع")
    about = Agreement
    reaches = "signed"
    once = True
    sentence = "the agreement was signed[ by {signatories}]"
    cameo = "057"

    signatories: Actors = labelled("Signed by")


class AgreementEnteredIntoForce(Fact):
    """The agreement entered into force."""

    words = "The agreement entered into force"
    verbs = stems(
        "en: enters into force, entered into force, takes effect, in force, took effect; uk: набу, чинн;"
        " ru: вступил, вступит, в силу; tr: yürürlüğe; fr: entré en vigueur, entre en vigueur, en vigueur;"
        " ar: حيز التنفيذ, حيز النفاذ, سريان"
    )
    about = Agreement
    reaches = "in force"
    once = True
    begins = True
    sentence = "the agreement entered into force"


class AgreementImplemented(Fact):
    """The agreement was carried out."""

    words = "The agreement was carried out"
    verbs = stems(
        "en: implement, carried out, fulfil; uk: викона, реаліз; ru: выполн, реализ; tr: uygulan;"
        " fr: appliqu, mis en œuvre; ar: نفذ, تنفيذ"
    )
    about = Agreement
    reaches = "implemented"
    once = True
    sentence = "the agreement was carried out"


class AgreementSuspended(Fact):
    """The agreement was suspended."""

    words = "The agreement was suspended"
    verbs = stems("en: suspend; uk: призупин; ru: приостанов; tr: askıya; fr: suspend; ar: علق, تعليق")
    about = Agreement
    halts = "suspended"
    acts = ("by",)
    sentence = "[{by} ]suspended the agreement"

    by: ActorId = labelled("Suspended by")


class AgreementTerminated(Fact):
    """The agreement was ended."""

    words = "The agreement was ended"
    verbs = stems(
        "en: terminat, denounc, pulled out, cancel; uk: розірва, денонс; ru: расторг, денонс, разорва;"
        " tr: feshet, sona erdir; fr: résili, dénonc; ar: ألغى, انسحب"
    )
    about = Agreement
    halts = "terminated"
    acts = ("by",)
    sentence = "[{by} ]terminated the agreement"

    by: ActorId = labelled("Ended by")
