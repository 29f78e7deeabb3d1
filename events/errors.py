"""What may be refused, and in which words. A bug is never one of these."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One value at fault: where it stands (a JSON pointer, RFC 6901) and what is wrong with it."""

    pointer: str
    sentence: str


class ChronologyError(Exception):
    """A refusal: one sentence, safe to show, and the faults it found."""

    problem = "refused"

    def __init__(self, sentence: str, *faults: Fault) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.faults = faults

    def under(self, pointer: str) -> "ChronologyError":
        """The same refusal, seen from a body that holds the value under `pointer`."""
        faults = self.faults or (Fault("", self.sentence),)
        return type(self)(self.sentence, *(Fault(pointer + fault.pointer, fault.sentence) for fault in faults))


class Invalid(ChronologyError):
    """A value that no record can take."""

    problem = "invalid"

    @classmethod
    def at(cls, pointer: str, sentence: str) -> "Invalid":
        """The refusal of the single value at `pointer`."""
        return cls(sentence, Fault(pointer, sentence))

    @classmethod
    def together(cls, faults: list[Fault]) -> "Invalid":
        """The refusal of several values at once; its sentence is that of the first."""
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        return cls(faults[0].sentence + more, *faults)


class QuoteNotFound(Invalid):
    """The quoted words do not stand in the source version cited."""

    problem = "quote-not-found"


class QuoteAmbiguous(Invalid):
    """The quoted words stand in several places and nothing chooses among them."""

    problem = "quote-ambiguous"


class Conflict(ChronologyError):
    """The record already says otherwise."""

    problem = "conflict"


class Changed(ChronologyError):
    """It is not any more what the sender had seen."""

    problem = "changed"


class NotFound(ChronologyError):
    """Nothing is recorded under that name."""

    problem = "not-found"


def all_of(refusals: Sequence[ChronologyError]) -> ChronologyError:
    """Several refusals as one, with all that is at fault: of their class, if that is one, else of invalid values."""
    first, *others = refusals
    if not others:
        return first
    classes, faults = {type(each) for each in refusals}, [fault for each in refusals for fault in each.faults]
    one = classes.pop() if len(classes) == 1 else Invalid
    return one(f"{faults[0].sentence} (and {len(faults) - 1} more)", *faults)


class NotYet(ChronologyError):
    """The views have not reached the position asked for; asking again helps."""

    problem = "not-yet"


class TooLong(NotYet):
    """What was asked took longer than it may."""

    problem = "too-long"
