"""A command beside the demo seals with the keys that the demo knows, or not at all."""

import base64
from pathlib import Path

from demo.keys import read_keys, write_keys
from domain.vault import Vault
from scripts.demo_keys import say_other_keys
from settings import Need, Settings, read_settings

OWN, NEW, FALSE = (
    f"{name}:{base64.b64encode(bytes([number]) * 32).decode()}"
    for name, number in (("demo1", 1), ("k2", 2), ("demo1", 3))
)


def settings_of(var: Path, keys: str) -> Settings:
    return read_settings({"ZPT_VAR": str(var), "ZPT_DATA_KEYS": keys}, Need.DATA_KEYS)


def start_demo(var: Path, keys: str) -> None:
    settings = settings_of(var, keys)
    write_keys(var, settings.data_keys, Vault(settings.data_keys))


def test_keys_that_the_demo_does_not_know_are_refused(tmp_path: Path) -> None:
    start_demo(tmp_path, OWN)
    assert say_other_keys(settings_of(tmp_path, OWN), given=False) == ""
    assert say_other_keys(settings_of(tmp_path, OWN), given=True) == ""
    for keys in (f"{NEW},{OWN}", FALSE, NEW):
        told = say_other_keys(settings_of(tmp_path, keys), given=True)
        assert "演示认识的密钥是 demo1" in told and "什么都没有改" in told and "On the demo" in told


def test_those_that_it_was_started_with_are_taken(tmp_path: Path) -> None:
    start_demo(tmp_path, f"{NEW},{OWN}")
    assert say_other_keys(settings_of(tmp_path, f"{NEW},{OWN}"), given=True) == ""
    # Known and not used yet, as at the second step.
    assert say_other_keys(settings_of(tmp_path, f"{OWN},{NEW}"), given=True) == ""
    told = say_other_keys(settings_of(tmp_path, OWN), given=False)
    assert "带着 ZPT_DATA_KEYS 启动" in told and "k2、demo1" in told


def test_what_is_noted_is_no_key(tmp_path: Path) -> None:
    assert read_keys(tmp_path) == {}
    start_demo(tmp_path, OWN)
    noted = (tmp_path / "demo-keys.json").read_text()
    assert OWN.partition(":")[2] not in noted and len(read_keys(tmp_path)["demo1"]) == 8
