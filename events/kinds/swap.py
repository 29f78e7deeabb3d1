"""Swaps: prisoners, civilians or remains handed over by both sides."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Count, Counts, Flag, Integer, SubjectId, Text, Texts
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Swap(Subject):
    """Prisoners, civilians or remains that two sides agree to hand over to each other."""

    words = "Swap"
    nouns = stems(
        "en: swap, exchange, prisoner, bodies, handover; uk: обмін, полонен, поранен, тіл; ru: обмен, пленн, группа;"
        " tr: takas, esir, değişim; fr: échang, prisonnier, dépouilles; ar: تبادل, أسير, أسرى, جثامين, جريح"
    )
    ladder = ("proposed", "agreed", "in preparation", "partly carried out", "completed")
    lasting = ("in preparation", "postponed")
    progress = ("counts", "count_each")


class SwapProposed(Fact):
    """Somebody proposed an exchange."""

    words = "A swap was proposed"
    verbs = stems(
        "en: propos, offer; uk: пропону, запропону; ru: предлож, предлага; tr: öner, teklif; fr: propos, offert;"
        " ar: اقترح, عرض"
    )
    about = Swap
    reaches = "proposed"
    acts = ("by",)
    sentence = "[{by} ]proposed a swap[ between {parties}]"
    cameo = "0353"

    by: ActorId = labelled("Proposed by")
    parties: Actors = labelled("Between")


class SwapAgreed(Fact):
    """Both sides said that they would exchange prisoners."""

    words = "A swap was agreed"
    verbs = stems(
        "en: agree, produced, deal, would swap; uk: домовил, погоди, узгоди; ru: договори, соглас; tr: anlaş, karar;"
        " fr: conven, accord, conclu; ar: اتفق, اتفاق"
    )
    about = Swap
    reaches = "agreed"
    once = True
    sentence = "[{parties} ]agreed to swap[ {count_each} each][ ({categories})][ at {agreed_at}]"
    cameo = "0353"

    parties: Actors = labelled("Between")
    count_each: Count = labelled("Number, each side")
    categories: Texts = labelled("Who")
    agreed_at: SubjectId = labelled("Agreed at")


class ReleasePrepared(Fact):
    """A side is preparing a release."""

    words = "A release was prepared"
    verbs = stems(
        "en: prepar, ready to release; uk: готу, підготов; ru: готов, подготов; tr: hazırl; fr: prépar;"
        " ar: تحضير, تستعد, يستعد"
    )
    about = Swap
    reaches = "in preparation"
    acts = ("by",)
    sentence = "[{by} ]prepared a release"
    cameo = "0353"

    by: ActorId = labelled("Prepared by")


class SwapStageCompleted(Fact):
    """One stage of the exchange was carried out."""

    words = "A stage of the swap was carried out"
    verbs = stems(
        "en: stage, first handover, first group, phase, exchanged; uk: етап, перший етап; ru: этап, групп;"
        " tr: aşama, serbest bırak; fr: étape, procédé, nouvel échange; ar: مرحلة, تبادل الطرفان, عملية تبادل"
    )
    about = Swap
    reaches = "partly carried out"
    per = "stage"
    acts = ("cumulative",)
    totals = "cumulative"
    sentence = "stage {stage} was carried out[: {counts}]"
    cameo = "0841"

    stage: Integer = labelled("Stage")
    counts: Counts = labelled("Number handed over")
    cumulative: Flag = labelled("Total so far")


class SwapCompleted(Fact):
    """The whole exchange was carried out."""

    words = "The swap was completed"
    verbs = stems(
        "en: complet, carried out, finish, last group, returned; uk: заверши, відбувся, повернули, обміняли;"
        " ru: заверши, последняя, состоял; tr: tamamla; fr: achev, libération, terminé; ar: اكتمل, تكتمل, أنجز"
    )
    about = Swap
    reaches = "completed"
    once = True
    acts = ("announced_by",)
    sentence = "the swap was completed[: {count_each} each][, as announced by {announced_by}]"
    cameo = "0841"

    count_each: Count = labelled("Number, each side")
    announced_by: Actors = labelled("Completion announced by")


class SwapPostponed(Fact):
    """The exchange was put off."""

    words = "The swap was postponed"
    verbs = stems(
        "en: postpon, put off, delay; uk: відклад, відклали; ru: отлож, перенес; tr: ertele; fr: report, repouss;"
        " ar: تأجيل, أجل"
    )
    about = Swap
    halts = "postponed"
    acts = ("by", "reason")
    sentence = "the swap was postponed[ by {by}][: {reason}]"

    by: ActorId = labelled("Postponed by")
    reason: Text = labelled("Reason for postponing")


class SwapCollapsed(Fact):
    """The exchange fell through."""

    words = "The swap fell through"
    verbs = stems(
        "en: collaps, fell through, failed; uk: зірва, провали; ru: сорва, провал; tr: çöktü, suya düş;"
        " fr: échou, capot; ar: انهار, فشل"
    )
    about = Swap
    halts = "collapsed"
    acts = ("reason",)
    sentence = "the swap fell through[: {reason}]"
    cameo = "1243"

    reason: Text = labelled("Reason for the failure")
