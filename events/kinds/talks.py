"""Talks: one meeting or round of meetings."""

from typing import ClassVar

from events.facts import Fact
from events.field_types import ActorId, Actors, Date, Flag, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Talks(Subject):
    """A meeting, or a round of meetings, between parties."""

    words = "Talks"
    nouns = stems(
        "en: talks, meeting, round, negotiat, summit; uk: переговор, зустріч, раунд, саміт;"
        " ru: переговор, встреч, раунд, саммит; tr: görüşme, toplantı, tur, zirve, müzakere;"
        " fr: pourparlers, rencontre, réunion, négociation, cycle; ar: محادثات, اجتماع, جولة, مفاوضات, لقاء, قمة"
    )
    ladder = ("proposed", "accepted", "scheduled", "under way", "concluded")
    lasting = ("under way", "suspended")
    passing: ClassVar = {"proposed": ("proposed_for", "lapsed"), "scheduled": ("scheduled_for", "overdue")}


class MeetingProposed(Fact):
    """Somebody proposed a meeting."""

    words = "A meeting was proposed"
    verbs = stems(
        "en: propos, suggest, offered to meet; uk: пропону, запропону; ru: предлож, предлага; tr: öner, teklif;"
        " fr: propos; ar: اقترح, عرض"
    )
    about = Talks
    reaches = "proposed"
    acts = ("by", "to")
    sentence = "[{by} ]proposed a meeting[ to {to}][ for {proposed_for}][ at {place}]"
    cameo = "036"

    by: ActorId = labelled("Proposed by")
    to: Actors = labelled("Proposed to")
    proposed_for: Date = labelled("Proposed for")
    place: Text = labelled("Place proposed")


class MeetingAccepted(Fact):
    """Somebody accepted the proposal to meet."""

    words = "The meeting was accepted"
    verbs = stems(
        "en: accept, agreed to meet, said yes; uk: прийняв, погоди; ru: принял, согласи; tr: kabul; fr: accept;"
        " ar: قبل, وافق"
    )
    about = Talks
    reaches = "accepted"
    acts = ("by",)
    sentence = "[{by} ]accepted the meeting"
    cameo = "036"

    by: ActorId = labelled("Accepted by")


class MeetingDeclined(Fact):
    """Somebody declined the proposal to meet."""

    words = "The meeting was declined"
    verbs = stems(
        "en: declin, refus, turned down, rejected the invitation; uk: відмови, відхили; ru: отказ, отклони;"
        " tr: reddet; fr: décliné, refus; ar: رفض"
    )
    about = Talks
    halts = "declined"
    acts = ("by", "reason")
    sentence = "[{by} ]declined the meeting[: {reason}]"
    cameo = "125"

    by: ActorId = labelled("Declined by")
    reason: Text = labelled("Reason for declining")


class TalksScheduled(Fact):
    """Talks were fixed for a time or a place."""

    words = "Talks were scheduled"
    verbs = stems(
        "en: schedul, set for, will be held, will take place, planned for, postponed to;"
        " uk: заплан, признач, перенес, відбудет; ru: назначен, заплан, состоится, перенес;"
        " tr: planlan, yapılması, yapılacak; fr: prévu, auront lieu, aura lieu, reprendront, fixé;"
        " ar: مقرر, ستعقد, تقرر"
    )
    about = Talks
    reaches = "scheduled"
    sentence = "talks were scheduled[ for {scheduled_for}][ at {venue}]"
    cameo = "036"

    scheduled_for: Date = labelled("Scheduled for")
    venue: Text = labelled("Venue")


class TalksBegan(Fact):
    """The parties began to talk."""

    words = "Talks began"
    verbs = stems(
        "en: began, opened, start, under way, kicked off; uk: почал, розпочал, стартува; ru: начал, начнут, открыл;"
        " tr: başla; fr: commenc, ouvert, débuté; ar: بدأت, انطلق, بدء"
    )
    about = Talks
    reaches = "under way"
    once = True
    begins = True
    sentence = "talks began[ between {parties}][ at {venue}][, hosted by {host}][, chaired by {chair}]"
    cameo = "046"

    parties: Actors = labelled("Between")
    venue: Text = labelled("Venue")
    host: ActorId = labelled("Hosted by")
    chair: ActorId = labelled("Chaired by")


class DelegationNamed(Fact):
    """A side's delegation was named, in whole or in part."""

    words = "A delegation was named"
    verbs = stems(
        "en: delegation, team, led by, headed by, naming; uk: делегаці, очоли; ru: делегаци, возглав, состав;"
        " tr: heyet, başkanlık; fr: délégation, conduite par, dirigée; ar: وفد, يرأس, برئاسة"
    )
    about = Talks
    per = "side"
    acts = ("full_list",)
    unions = ("members",)
    complete = "full_list"
    sentence = "{side} sent a delegation[, headed by {head}][: {members}]"

    side: ActorId = labelled("Side")
    head: ActorId = labelled("Head of delegation")
    members: Actors = labelled("Members of the delegation")
    full_list: Flag = labelled("All members named")


class TalksSuspended(Fact):
    """The talks were interrupted."""

    words = "Talks were suspended"
    verbs = stems(
        "en: suspend, broke off, break, paused, adjourn; uk: призупин, перерва; ru: приостанов, прерва;"
        " tr: askıya, ara veril; fr: suspend, interromp; ar: علق, تعليق, توقفت"
    )
    about = Talks
    halts = "suspended"
    acts = ("reason",)
    sentence = "talks were suspended[: {reason}]"
    cameo = "164"

    reason: Text = labelled("Reason for the break")


class TalksResumed(Fact):
    """The talks went on after an interruption."""

    words = "Talks resumed"
    verbs = stems(
        "en: resum, restart, back at the table; uk: відновил, поновил; ru: возобнов; tr: yeniden başla, devam;"
        " fr: repris, reprend; ar: استؤنف, استئناف"
    )
    about = Talks
    reaches = "under way"
    resumes = True
    sentence = "talks resumed"
    cameo = "046"


class TalksCancelled(Fact):
    """The talks were called off."""

    words = "Talks were called off"
    verbs = stems(
        "en: cancel, called off, scrapped; uk: скасува, зірва; ru: отмен, сорвал; tr: iptal; fr: annul;"
        " ar: ألغيت, إلغاء, ألغى"
    )
    about = Talks
    halts = "cancelled"
    acts = ("by", "reason")
    sentence = "talks were cancelled[ by {by}][: {reason}]"
    cameo = "164"

    by: ActorId = labelled("Called off by")
    reason: Text = labelled("Reason for calling off")


class TalksConcluded(Fact):
    """The talks came to their end."""

    words = "Talks concluded"
    verbs = stems(
        "en: ended, conclud, finish, wrapped up, was over, came to an end; uk: заверши, закінчи;"
        " ru: заверши, закончил, прошли; tr: sona erdi, tamamla, bitti; fr: achev, termin, conclu, pris fin;"
        " ar: انتهت, اختتم, انتهى"
    )
    about = Talks
    reaches = "concluded"
    once = True
    sentence = "talks concluded[ after {duration}][: {outcome}]"
    cameo = "046"

    duration: Text = labelled("Lasted")
    outcome: Text = labelled("Outcome")


class OutcomeCharacterised(Fact):
    """Somebody said what to think of the outcome."""

    words = "The outcome was characterised"
    verbs = stems(
        "en: described as, constructive, negative, positive, productive, outcome; uk: конструктивн, результат;"
        " ru: конструктивн, итог, результат; tr: olumlu, yapıcı, verimli; fr: constructif, qualifi, positif;"
        " ar: إيجابي, بناءة, وصف"
    )
    about = Talks
    per = "by"
    required = ("characterisation",)
    sentence = "{by} said of the outcome: {characterisation}"
    cameo = "010"

    by: ActorId = labelled("Characterised by")
    characterisation: Text = labelled("Word for the outcome")
