"""The API's schemas and the record itself take and refuse the same bodies."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.commands.record_facts import _whole
from events.errors import Invalid
from events.kinds.vocabulary import KINDS
from service.chronicle.schemas import FactSchema

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=5), st.floats(allow_nan=False), st.just([]), st.just({}),
    st.lists(st.text("abc-", max_size=4), max_size=3), st.sampled_from(["2025-06-02", "2025-02-30", "UTC", "denied", "F6", "x-y"]),
    st.fixed_dictionaries({}, optional={"best": st.integers(-1, 9), "low": st.integers(0, 9), "high": st.integers(0, 9)}),
    st.dictionaries(st.sampled_from(["arvenia", "Not A Slug", "belmark"]), st.integers(-1, 5), max_size=2),
)  # fmt: skip
CITATION = st.one_of(
    st.fixed_dictionaries({"source": st.just("paper"), "exact": st.just("Done.")}, optional={"version": ODD, "prefix": ODD, "suffix": ODD}),
    ODD,
)  # fmt: skip
NAMES = ["id", "zone", "note", "modality", "credibility", "attributed_to", "by", "to", "parties", "count_each", "counts",
         "stage", "proposed_for", "full_list", "members", "title", "aliases", "what", "gist", "colour", "occurred"]  # fmt: skip


@given(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from(NAMES), ODD, max_size=4),
    st.one_of(st.lists(CITATION, max_size=3), ODD),
)
def test_what_the_schema_takes_the_record_takes_and_what_one_refuses_the_other_does(
    kind: str, values: dict[str, Any], citations: Any
) -> None:
    body = {"kind": kind, "subject": "it", "occurred": "2025-06-02", "citations": citations, **values}

    assert verdict(lambda: FactSchema().read(body)) == verdict(lambda: _whole(body, True))


def verdict(read: Any) -> bool:
    try:
        read()
    except Invalid:
        return False
    return True
