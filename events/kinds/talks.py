"""Talks: one meeting or round of meetings."""

from typing import ClassVar

from events.facts import Fact
from events.field_types import ActorId, Actors, Date, Flag, Text
from events.subject_kinds import Subject


class Talks(Subject):
    """A meeting, or a round of meetings, between parties."""

    ladder = ("proposed", "accepted", "scheduled", "under way", "concluded")
    passing: ClassVar = {"proposed": ("proposed_for", "lapsed"), "scheduled": ("scheduled_for", "overdue")}


class MeetingProposed(Fact):
    """Somebody proposed a meeting."""

    about = Talks
    reaches = "proposed"
    acts = ("by", "to")
    sentence = "[{by} ]proposed a meeting[ to {to}][ for {proposed_for}][ at {place}]"
    cameo = "036"

    by: ActorId = None
    to: Actors = None
    proposed_for: Date = None
    place: Text = None


class MeetingAccepted(Fact):
    """Somebody accepted the proposal to meet."""

    about = Talks
    reaches = "accepted"
    acts = ("by",)
    sentence = "[{by} ]accepted the meeting"
    cameo = "036"

    by: ActorId = None


class MeetingDeclined(Fact):
    """Somebody declined the proposal to meet."""

    about = Talks
    halts = "declined"
    acts = ("by", "reason")
    sentence = "[{by} ]declined the meeting[: {reason}]"
    cameo = "125"

    by: ActorId = None
    reason: Text = None


class TalksScheduled(Fact):
    """Talks were fixed for a time or a place."""

    about = Talks
    reaches = "scheduled"
    sentence = "talks were scheduled[ for {scheduled_for}][ at {venue}]"
    cameo = "036"

    scheduled_for: Date = None
    venue: Text = None


class TalksBegan(Fact):
    """The parties began to talk."""

    about = Talks
    reaches = "under way"
    once = True
    begins = True
    sentence = "talks began[ between {parties}][ at {venue}][, hosted by {host}][, chaired by {chair}]"
    cameo = "046"

    parties: Actors = None
    venue: Text = None
    host: ActorId = None
    chair: ActorId = None


class DelegationNamed(Fact):
    """A side's delegation was named, in whole or in part."""

    about = Talks
    per = "side"
    acts = ("full_list",)
    unions = ("members",)
    complete = "full_list"
    sentence = "{side} sent a delegation[, headed by {head}][: {members}]"

    side: ActorId = None
    head: ActorId = None
    members: Actors = None
    full_list: Flag = None


class TalksSuspended(Fact):
    """The talks were interrupted."""

    about = Talks
    halts = "suspended"
    acts = ("reason",)
    sentence = "talks were suspended[: {reason}]"
    cameo = "164"

    reason: Text = None


class TalksResumed(Fact):
    """The talks went on after an interruption."""

    about = Talks
    reaches = "under way"
    resumes = True
    sentence = "talks resumed"
    cameo = "046"


class TalksCancelled(Fact):
    """The talks were called off."""

    about = Talks
    halts = "cancelled"
    acts = ("by", "reason")
    sentence = "talks were cancelled[ by {by}][: {reason}]"
    cameo = "164"

    by: ActorId = None
    reason: Text = None


class TalksConcluded(Fact):
    """The talks came to their end."""

    about = Talks
    reaches = "concluded"
    once = True
    sentence = "talks concluded[ after {duration}][: {outcome}]"
    cameo = "046"

    duration: Text = None
    outcome: Text = None


class OutcomeCharacterised(Fact):
    """Somebody said what to think of the outcome."""

    about = Talks
    per = "by"
    required = ("characterisation",)
    sentence = "{by} said of the outcome: {characterisation}"
    cameo = "010"

    by: ActorId = None
    characterisation: Text = None
