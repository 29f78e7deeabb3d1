"""Bodies of facts: whatever is sent is read whole, or refused with a pointer to each value at fault."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.commands.record_facts import read_facts
from events.errors import Invalid
from events.facts import needed_by
from events.kinds.vocabulary import KINDS

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
def test_a_body_is_read_into_what_is_read_the_same_again_or_each_fault_points_into_it(
    kind: str, values: dict[str, Any], citations: Any
) -> None:
    body = {"kind": kind, "subject": "it", "occurred": "2025-06-02", "citations": citations, **values}

    try:
        read = read_facts([body], ["/3"])[0]
    except Invalid as refused:
        pointers = [fault.pointer.split("/") for fault in refused.faults]
    else:
        pointers = []
        assert read_facts([read.as_sent()], ["/3"]) == [read]

    for before, place, name, *_ in pointers:
        assert (before, place) == ("", "3")
        assert name in {*body, *needed_by(KINDS[kind])}
