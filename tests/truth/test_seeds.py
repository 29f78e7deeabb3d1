"""The two seed files, told over HTTP: who speaks for whom, what overtakes a denial, what is charged, whose telling it is."""

from pathlib import Path
from typing import Any

import pytest

from service.chronicle.file import chronicle_in
from service.databases.chronology import Chronology
from tests.conftest import Api, api_of

HANDED_OVER = "russia-memorandum-exchanged"


class Told:
    """A desk to which both files were posted, the second after the first, and at which position each item stands."""

    def __init__(self, api: Api, seeds: Path) -> None:
        self.api = api
        self.position: dict[str, int] = {}
        for name in ("istanbul", "istanbul-2"):
            file = seeds / f"{name}.chronicle.yaml"
            lists = chronicle_in(file, file.read_bytes())
            for call in ("sources", "subjects", "facts"):
                for item in lists[call]:
                    self.position[item["id"]] = api.posted(f"/{call}", item)["position"]
            for item in lists["amendments"]:
                about = "fact" if "fact" in item else "source"
                body = {name: value for name, value in item.items() if name not in (about, "call")}
                answer = api.posted(f"/{about}s/{item[about]}/{item['call']}", body)
                self.position[item["id"]] = answer["position"]

    def ask(self, path: str, **query: Any) -> Any:
        answer = self.api.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


@pytest.fixture
def told(chronology: Chronology, shared: Path) -> Told:
    return Told(api_of(chronology, "editor"), shared / "seeds")


def test_the_demand_is_made_in_ukraines_account_and_its_difference_from_russias_names_the_facts(told: Told) -> None:
    ours = told.ask("/subjects/return-of-children", reading="Kyiv")
    theirs = told.ask("/subjects/return-of-children", reading="russia")
    difference = told.ask("/diff", subject="return-of-children", from_reading="russia", to_reading="ukraine")

    assert (ours["asked"]["reading"], ours["status"]["value"]) == ("ukraine", "made")
    assert ours["status"]["because"] == ["children-return-demanded"]
    assert theirs["status"]["value"] is None
    assert [each["fact"] for each in theirs["alleged"]] == ["children-return-demanded"]
    rows = {each["finding"]: each for each in difference["differences"]}
    assert (rows["status"]["from"], rows["status"]["to"]["value"]) == (None, "made")
    assert {event["fact"] for event in rows["status"]["events"]} == {"children-return-demanded"}
    assert {cause for each in rows.values() for cause in each["causes"]} == {"account"}


def test_the_denial_is_answered_by_the_hand_over_from_the_position_where_that_became_known(told: Told) -> None:
    def answers(position: int) -> list[tuple[str, str]]:
        (denied,) = told.ask("/subjects/memorandum-russia", position=position)["denied"]
        return [(each["fact"], each["how"]) for each in denied["answered_by"]]

    known = told.position[HANDED_OVER]
    assert answers(known - 1) == []
    assert answers(known) == [(HANDED_OVER, "contradicts")]
    assert answers(told.position["until-then"]) == [(HANDED_OVER, "overtakes")]
    steps = told.ask("/subjects/memorandum-russia/understanding", by="recorded")["steps"]
    answered = [
        step for step in steps if any("denied" in each["finding"] and each["before"] for each in step["changes"])
    ]
    assert [step["position"] for step in answered] == [known, told.position["until-then"]]


def test_both_reports_together_are_one_origin_once_the_agency_behind_them_is_noted(told: Told) -> None:
    before = told.ask("/facts/swap-agreed", position=told.position["agency-1"] - 1)
    after = told.ask("/facts/swap-agreed")
    concluded = told.ask("/subjects/istanbul-round-2")["status"]

    assert (before["reports"], before["origins"]) == (2, 1)  # one publisher
    assert (after["reports"], after["origins"]) == (2, 1)
    assert (concluded["reports"], concluded["origins"]) == (1, 1)
    (joined,) = told.ask("/audit/swap-1000-for-1000/count_each")["joined"]
    assert len(joined["documents"]) == 2
    assert joined["tellers"] == ["Anadolu Agency", "TRT World"]


def test_the_charge_stands_under_alleged_with_ukraine_behind_it_apart_from_the_demand(told: Told) -> None:
    (charge,) = told.ask("/subjects/deportation-of-children")["alleged"]
    demand = told.ask("/subjects/return-of-children")

    assert (charge["fact"], charge["by"]) == ("children-deported", "ukraine")
    assert "relocated" in charge["values"]["what"]
    assert "grounds" not in demand["fields"]
    assert demand["status"]["value"] == "made"


def test_offices_are_held_on_the_day_of_the_reports(told: Told) -> None:
    fields = told.ask("/subjects/umerov", at="2025-06-02")["fields"]

    assert fields["holds[defence minister]"]["value"] is True
    assert fields["body[defence minister]"]["value"] == "Ukraine"


def test_the_second_file_sent_again_adds_nothing(told: Told, shared: Path, chronology: Chronology) -> None:
    head = chronology.record.head()
    Told(told.api, shared / "seeds")

    assert chronology.record.head() == head
