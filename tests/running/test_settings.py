"""Settings: what is not one is refused, but for what Kubernetes tells each pod."""

import pytest

from service.settings import SettingError, Settings, settings_from


@pytest.mark.parametrize(
    "name", ["CHRONOLOGY_PORT", "CHRONOLOGY_SERVICE", "CHRONOLOGY_COLOUR", "CHRONOLOGY_PORT_NUMBER"]
)
def test_a_name_that_is_no_setting_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is not a setting"):
        settings_from({name: "8000"})


def test_what_kubernetes_says_of_a_service_of_this_name_is_left_alone() -> None:
    said = {
        "CHRONOLOGY_PORT": "tcp://10.0.0.7:8000",
        "CHRONOLOGY_SERVICE_HOST": "10.0.0.7",
        "CHRONOLOGY_SERVICE_PORT": "8000",
        "CHRONOLOGY_SERVICE_PORT_HTTP": "8000",
        "CHRONOLOGY_PORT_8000_TCP": "tcp://10.0.0.7:8000",
        "CHRONOLOGY_PORT_8000_TCP_PROTO": "tcp",
        "CHRONOLOGY_PORT_8000_TCP_PORT": "8000",
        "CHRONOLOGY_PORT_8000_TCP_ADDR": "10.0.0.7",
    }
    of_another = {name.replace("CHRONOLOGY_", "CHRONOLOGY_WEB_"): value for name, value in said.items()}

    assert settings_from({**said, **of_another, "PORT": "8001"}) == Settings(port=8001)


def test_four_eyes_cover_what_is_named_and_nothing_else_can_be() -> None:
    covered = {"no": set(), "yes": {"facts"}, "sources, editors": {"sources", "editors"}}

    for said, waiting in covered.items():
        assert settings_from({"CHRONOLOGY_FOUR_EYES": said}).waiting == waiting
    for said in ("editors", "facts,verdicts", "maybe"):
        with pytest.raises(SettingError, match="CHRONOLOGY_FOUR_EYES"):
            settings_from({"CHRONOLOGY_FOUR_EYES": said})
