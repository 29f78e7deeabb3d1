"""Talks: one meeting or round of meetings."""

from typing import ClassVar

from events.facts import Fact
from events.field_types import ActorId, Actors, Date, Flag, Text
from events.labels import labelled
from events.subject_kinds import Subject


class Talks(Subject):
    """A meeting, or a round of meetings, between parties."""

    words = "Talks"
    ladder = ("proposed", "accepted", "scheduled", "under way", "concluded")
    passing: ClassVar = {"proposed": ("proposed_for", "lapsed"), "scheduled": ("scheduled_for", "overdue")}


class MeetingProposed(Fact):
    """Somebody proposed a meeting."""

    words = "A meeting was proposed"
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
    about = Talks
    reaches = "accepted"
    acts = ("by",)
    sentence = "[{by} ]accepted the meeting"
    cameo = "036"

    by: ActorId = labelled("Accepted by")


class MeetingDeclined(Fact):
    """Somebody declined the proposal to meet."""

    words = "The meeting was declined"
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
    about = Talks
    reaches = "scheduled"
    sentence = "talks were scheduled[ for {scheduled_for}][ at {venue}]"
    cameo = "036"

    scheduled_for: Date = labelled("Scheduled for")
    venue: Text = labelled("Venue")


class TalksBegan(Fact):
    """The parties began to talk."""

    words = "Talks began"
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
    about = Talks
    halts = "suspended"
    acts = ("reason",)
    sentence = "talks were suspended[: {reason}]"
    cameo = "164"

    reason: Text = labelled("Reason for the break")


class TalksResumed(Fact):
    """The talks went on after an interruption."""

    words = "Talks resumed"
    about = Talks
    reaches = "under way"
    resumes = True
    sentence = "talks resumed"
    cameo = "046"


class TalksCancelled(Fact):
    """The talks were called off."""

    words = "Talks were called off"
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
    about = Talks
    per = "by"
    required = ("characterisation",)
    sentence = "{by} said of the outcome: {characterisation}"
    cameo = "010"

    by: ActorId = labelled("Characterised by")
    characterisation: Text = labelled("Word for the outcome")
