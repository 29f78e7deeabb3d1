"""Which subject a fact counts under, after merges and splits."""

from events.history.streams import HEAD, Entry


class Grouping:
    """Which subject a fact counts under at a position, after the merges and splits in force there."""

    def __init__(self, entries: list[Entry], position: int = HEAD) -> None:
        recorded = sorted((entry for entry in entries if entry.position <= position), key=lambda each: each.position)
        undone = {(entry.data["subject"], entry.data["withdraws"]) for entry in recorded if "withdraws" in entry.data}
        self.in_force = [
            entry for entry in recorded if "into" in entry.data and (entry.data["subject"], entry.version) not in undone
        ]

    def subject_of(self, subject: str, fact: str) -> str:
        """The subject that a fact counts under: where the last split that names it says, else its own; then merged."""
        splits = (entry.data["into"] for entry in reversed(self.in_force) if fact in entry.data.get("facts", ()))
        about = next(splits, subject)
        return self.merged_into(about) or about

    def merged_into(self, subject: str) -> str | None:
        """The subject that this one was merged into; None if it is not merged."""
        target = subject
        for entry in self.in_force:
            if entry.name == "SubjectMerged" and entry.data["subject"] == target:
                target = entry.data["into"]
        return None if target == subject else target

    def gathered(self, subject: str) -> set[str]:
        """The subjects whose facts may count under this one, itself among them."""
        found = {subject}
        for entry in reversed(self.in_force):
            if entry.data["into"] in found:
                found.add(entry.data["subject"])
        return found
