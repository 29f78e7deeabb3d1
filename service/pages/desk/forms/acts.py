"""The table of acts: what can be done on a page, in words, and the operation of the API whose role it needs."""

from dataclasses import dataclass
from typing import Any

from flask import current_app

from events.errors import NotFound
from service.auth.roles import Bearer, Forbidden

_LISTS = {"facts": "facts", "words": "facts", "subjects": "subjects", "redactions": None}
"""The list in which is recorded what operations do whose addresses end so; others amend."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a fact, a source, a subject or a proposal.

    `operation` is that of the API: its role, its body and the end of its address, which a chronicle has as the call of
    an amendment, are those of the act.
    """

    name: str
    operation: str
    words: str
    about: str

    @property
    def role(self) -> str:
        """The role that it needs: that of the operation."""
        return str(vars(current_app.view_functions[self.operation])["needs"])

    @property
    def schema(self) -> Any:
        """The schema of the body that the operation takes."""
        return vars(current_app.view_functions[self.operation])["takes"]

    @property
    def _ending(self) -> str:
        return next(current_app.url_map.iter_rules(self.operation)).rule.rpartition("/")[2]

    @property
    def item(self) -> str | None:
        """The list of a chronicle in which it is recorded; None where it is in none."""
        return _LISTS.get(self._ending, "amendments")

    @property
    def call(self) -> str | None:
        """What a chronicle calls it as an amendment; None of what is none, or undoes one."""
        return None if self.item != "amendments" or self.undoes else self._ending

    @property
    def undoes(self) -> bool:
        """Whether it undoes a numbered act."""
        return self._ending == "withdrawal"


_RECORD = Act("record", "facts.record_fact", "Record a fact", "What a source says happened.")
ACTS: dict[str, tuple[Act, ...]] = {
    "fact": (
        Act("corroborate", "facts.corroborate_fact", "Add a second source", "A further source says the same."),
        Act("correct", "facts.correct_fact", "Correct", "A source corrects itself, or we misread it."),
        Act("dispute", "facts.dispute_fact", "Dispute", "Somebody says another value than this fact has."),
        Act("retract", "facts.retract_fact", "Retract", "Its source takes the report back, or we take it back."),
        Act("reinstate", "facts.reinstate_fact", "Reinstate", "The last retraction is lifted."),
        Act(
            "withdraw-amendment",
            "facts.withdraw_amendment",
            "Withdraw an amendment",
            "What was done to this fact is undone.",
        ),
        Act("redact", "facts.redact_fact", "Erase its words", "Its texts, names and quotes go for good."),
    ),
    "source": (
        _RECORD,
        Act(
            "revise",
            "sources.revise_source",
            "Take in a changed text",
            "The same document now reads otherwise; the text held so far stays citable.",
        ),
        Act(
            "correct",
            "sources.correct_source",
            "Correct what is noted",
            "Our note of its title, publisher or date was wrong.",
        ),
        Act(
            "withdraw",
            "sources.withdraw_source",
            "Note that it was withdrawn",
            "Its publisher took the document back; what rests on it is marked.",
        ),
        Act("undo-withdrawal", "sources.withdraw_withdrawal", "Undo a withdrawal", "It was not taken back after all."),
        Act(
            "redact",
            "sources.redact_source",
            "Erase its words",
            "Its text, what is noted of it and all that is quoted from it go for good.",
        ),
    ),
    "subject": (
        _RECORD,
        Act(
            "describe",
            "subjects.describe_subject",
            "Give it a title",
            "Its title, the whole that it is part of, its other names.",
        ),
        Act("merge", "subjects.merge_subject", "Merge into another", "Two ids turned out to be one matter."),
        Act("split", "subjects.split_subject", "Split", "Some of its facts turned out to be about another matter."),
        Act("undo-regrouping", "subjects.withdraw_regrouping", "Undo a merge or split", "It is read as before."),
        Act(
            "judge",
            "subjects.judge_finding",
            "Judge what is contested",
            "For one of the sides, or that it cannot be decided.",
        ),
        Act("undo-verdict", "subjects.undo_verdict", "Withdraw a verdict", "The question is open again."),
        Act(
            "redact",
            "subjects.redact_subject",
            "Erase its words",
            "Its description and the reasons of its merges and splits go for good; of facts, nothing.",
        ),
    ),
    "proposal": (
        Act("record", "proposals.give_words", "Give it words", "What a source says of it, word for word."),
        Act(
            "redact",
            "proposals.redact_proposal",
            "Erase its words",
            "What is proposed, or why it was rejected, goes for good.",
        ),
    ),
}
"""The acts on each sort of thing, in the order of menus."""


def act_named(of: str, name: str, bearer: Bearer) -> Act:
    """The act of that name, if the bearer may do it.

    Raises:
        NotFound: there is none.
        Forbidden: the bearer's role may not do it.
    """
    for act in ACTS.get(of, ()):
        if act.name == name:
            if not bearer.may(act.role):
                raise Forbidden(f"a token of role {bearer.role} may not do this; it needs {act.role}")
            return act
    raise NotFound(f"nothing called {name!r:.40} can be done on a {of:.20}")


def acts_on(of: str, bearer: Bearer | None) -> list[Act]:
    """The acts that the bearer may do, for a menu."""
    return [act for act in ACTS[of] if bearer is not None and bearer.may(act.role)]
