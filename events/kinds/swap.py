"""Swaps: prisoners, civilians or remains handed over by both sides."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Count, Counts, Flag, Integer, SubjectId, Text, Texts
from events.subject_kinds import Subject


class Swap(Subject):
    """Prisoners, civilians or remains that two sides agree to hand over to each other."""

    ladder = ("proposed", "agreed", "in preparation", "partly carried out", "completed")
    progress = ("counts", "count_each")


class SwapProposed(Fact):
    """Somebody proposed an exchange."""

    about = Swap
    reaches = "proposed"
    acts = ("by",)
    sentence = "[{by} ]proposed a swap[ between {parties}]"
    cameo = "0353"

    by: ActorId = None
    parties: Actors = None


class SwapAgreed(Fact):
    """Both sides said that they would exchange prisoners."""

    about = Swap
    reaches = "agreed"
    once = True
    sentence = "[{parties} ]agreed to swap[ {count_each} each][ ({categories})][ at {agreed_at}]"
    cameo = "0353"

    parties: Actors = None
    count_each: Count = None
    categories: Texts = None
    agreed_at: SubjectId = None


class ReleasePrepared(Fact):
    """A side is preparing a release."""

    about = Swap
    reaches = "in preparation"
    acts = ("by",)
    sentence = "[{by} ]prepared a release"
    cameo = "0353"

    by: ActorId = None


class SwapStageCompleted(Fact):
    """One stage of the exchange was carried out."""

    about = Swap
    reaches = "partly carried out"
    per = "stage"
    acts = ("cumulative",)
    totals = "cumulative"
    sentence = "stage {stage} was carried out[: {counts}]"
    cameo = "0841"

    stage: Integer = None
    counts: Counts = None
    cumulative: Flag = None


class SwapCompleted(Fact):
    """The whole exchange was carried out."""

    about = Swap
    reaches = "completed"
    once = True
    acts = ("announced_by",)
    sentence = "the swap was completed[: {count_each} each][, as announced by {announced_by}]"
    cameo = "0841"

    count_each: Count = None
    announced_by: Actors = None


class SwapPostponed(Fact):
    """The exchange was put off."""

    about = Swap
    halts = "postponed"
    acts = ("by", "reason")
    sentence = "the swap was postponed[ by {by}][: {reason}]"

    by: ActorId = None
    reason: Text = None


class SwapCollapsed(Fact):
    """The exchange fell through."""

    about = Swap
    halts = "collapsed"
    acts = ("reason",)
    sentence = "the swap fell through[: {reason}]"
    cameo = "1243"

    reason: Text = None
