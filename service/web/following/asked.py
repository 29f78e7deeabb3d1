"""What somebody asks to follow, as parameters of a feed and bodies of hooks have it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from events.errors import Invalid, NotFound
from projections.queries.evidence.fact_pages import FILTERS
from projections.queries.following.followed import CitedAddress, Followed
from projections.queries.history import checks
from projections.queries.history.checks import Check, CitedQuestion
from projections.queries.subjects.states import recent_history
from projections.store.snapshots import Snapshot
from service.web.addresses.permalinks import cited_by

Answer = TypeVar("Answer")

MOST_ADDRESSES = 100


def followed(given: Mapping[str, Any]) -> Followed:
    """What is followed by these values: filters of facts and `finding`, or `addresses`.

    Raises:
        Invalid: they do not go together, or an address cites nothing.
    """
    filters = {name: given[name] for name in FILTERS if given.get(name)}
    finding, addresses = given.get("finding"), given.get("addresses") or ()
    if addresses and (filters or finding):
        raise Invalid.at("/addresses", "addresses that were cited are followed by themselves, without filters")
    if finding and not filters.get("subject"):
        raise Invalid.at("/finding", f"{finding!r:.80} is followed of one subject, and none is named")
    cited = []
    for at, address in enumerate(addresses):
        try:
            cited.append(CitedAddress(address, cited_by(address)))
        except Invalid as error:
            raise error.under(f"/addresses/{at}") from None
    return Followed(filters, finding, tuple(cited))


def refuse_unknown(snapshot: Snapshot, asked: Followed) -> None:
    """Refuse to follow a subject, or what was cited at an address, that is not there.

    Raises:
        NotFound: no such subject is named.
        Invalid: nothing was at an address, or words to look for are none.
    """
    subject = asked.filters.get("subject")
    if subject is not None and recent_history(snapshot, subject) is None:
        raise NotFound(f"no subject {subject!r} is named up to position {snapshot.position}")
    asked.tests(snapshot, snapshot.position)
    _each(snapshot, asked.cited, checks.refuse_unknown)


def checked(snapshot: Snapshot, addresses: Iterable[CitedAddress]) -> list[Check]:
    """Whether what was cited at each address still reads so.

    Raises:
        Invalid: there was no such thing at an address; named by its place among them.
    """
    return _each(snapshot, addresses, checks.check)


def _each(
    snapshot: Snapshot, addresses: Iterable[CitedAddress], ask: Callable[[Snapshot, str, CitedQuestion], Answer]
) -> list[Answer]:
    answers = []
    for at, (address, cited) in enumerate(addresses):
        try:
            answers.append(ask(snapshot, address, cited))
        except Invalid as error:
            raise error.under(f"/addresses/{at}") from None
        except NotFound as error:
            raise Invalid.at(f"/addresses/{at}", error.sentence) from None
    return answers
