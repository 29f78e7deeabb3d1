"""Demands: what one party asks of another."""

from events.facts import Fact
from events.field_types import ActorId, Count, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Demand(Subject):
    """Something that one party asks another to do or to return."""

    words = "Demand"
    nouns = stems(
        "en: demand, claim, return of; uk: вимог, вимага; ru: требован, требу; tr: talep;"
        " fr: demande, exigence, revendication; ar: طلب, مطلب, تطالب, مطالب"
    )
    ladder = ("made", "acknowledged", "partly met", "met")


class ReturnDemanded(Fact):
    """Somebody demanded that persons be returned."""

    words = "The return of persons was demanded"
    verbs = stems(
        "en: demanded the return, return of, bring back, held, give back; uk: поверненн, повернути;"
        " ru: возвращени, вернуть; tr: iade, geri ver; fr: retour, restitution; ar: إعادة, بإعادة, عودة"
    )
    about = Demand
    reaches = "made"
    once = True
    sentence = "[{by} ]demanded[ of {of}] that people be returned[: {persons}][ ({count})][, {grounds}]"
    cameo = "1053"

    by: ActorId = labelled("Demanded by")
    of: ActorId = labelled("Demanded of")
    persons: Text = labelled("Who is to return")
    count: Count = labelled("Number to return")
    grounds: Text = labelled("Reason given")


class DemandMade(Fact):
    """Somebody demanded something."""

    words = "A demand was made"
    verbs = stems(
        "en: demand, call for, insist, urge; uk: вимага, висуну, вимог; ru: требова, потребова, настаив;"
        " tr: talep et, istedi; fr: exig, réclam; ar: طالب, يطالب"
    )
    about = Demand
    reaches = "made"
    once = True
    required = ("what",)
    sentence = "[{by} ]demanded[ of {of}]: {what}"
    cameo = "100"

    by: ActorId = labelled("Demanded by")
    of: ActorId = labelled("Demanded of")
    what: Text = labelled("What is demanded")


class DemandReiterated(Fact):
    """Somebody repeated the demand."""

    words = "The demand was repeated"
    verbs = stems(
        "en: again, reiterat, repeat, renew; uk: повторил, знову; ru: повтори, вновь, снова; tr: yinele, tekrar;"
        " fr: réitér, de nouveau, répét; ar: كرر, جدد"
    )
    about = Demand
    reaches = "made"
    acts = ("by",)
    sentence = "[{by} ]repeated the demand"
    cameo = "100"

    by: ActorId = labelled("Repeated by")


class DemandAcknowledged(Fact):
    """The demand was taken note of by the one it was made of."""

    words = "The demand was acknowledged"
    verbs = stems(
        "en: acknowledg, confirm receipt, put the number, admitted; uk: визна, підтверди; ru: призна, подтверди;"
        " tr: kabul etti, doğrula; fr: reconn, pris acte; ar: أقر, اعترف"
    )
    about = Demand
    reaches = "acknowledged"
    acts = ("by",)
    sentence = "[{by} ]acknowledged the demand"

    by: ActorId = labelled("Acknowledged by")


class DemandPartlyMet(Fact):
    """A part of what was demanded was done."""

    words = "The demand was partly met"
    verbs = stems(
        "en: partly, some of, agreed to return; uk: частков; ru: частич, согласился вернуть; tr: kısmen; fr: partiel;"
        " ar: جزئيا, بعض"
    )
    about = Demand
    reaches = "partly met"
    acts = ("count",)
    sentence = "the demand was partly met[: {count}]"
    cameo = "080"

    count: Count = labelled("Number met")


class DemandMet(Fact):
    """What was demanded was done."""

    words = "The demand was met"
    verbs = stems(
        "en: met, granted, fulfilled; uk: викона, задовол; ru: выполн, удовлетвор; tr: karşıla, yerine getir;"
        " fr: satisf; ar: استجاب, لبى"
    )
    about = Demand
    reaches = "met"
    once = True
    sentence = "the demand was met"
    cameo = "080"


class DemandRefused(Fact):
    """The demand was refused."""

    words = "The demand was refused"
    verbs = stems(
        "en: refus, reject; uk: відмови, відкину, відхили; ru: отказ, отверг; tr: reddet; fr: refus, rejet; ar: رفض"
    )
    about = Demand
    halts = "refused"
    acts = ("by", "reason")
    sentence = "[{by} ]refused the demand[: {reason}]"
    cameo = "120"

    by: ActorId = labelled("Refused by")
    reason: Text = labelled("Reason for refusing")


class DemandWithdrawn(Fact):
    """The demand was taken back."""

    words = "The demand was taken back"
    verbs = stems(
        "en: withdr, dropped; uk: відклика; ru: отозва, снял; tr: geri çek; fr: retir, renonc; ar: سحب, تراجع"
    )
    about = Demand
    halts = "withdrawn"
    acts = ("by",)
    sentence = "[{by} ]withdrew the demand"

    by: ActorId = labelled("Taken back by")
