"""`make run` as a person runs it: the real processes, started, signalled, killed, started again."""

import signal
import socket
import stat
import sys

import pytest

from domain.actor import STAFF_ROLES
from settings import WECHAT_VARIABLES
from tests.e2e.conftest import ROOT, START_SECONDS, Place

pytestmark = [pytest.mark.e2e, pytest.mark.alone]

installed_by_make = pytest.mark.skipif(
    not (ROOT / ".venv" / "installed-requirements.txt").exists(),
    reason="make would install into this environment; run it by `make test`",
)


def checksum_is_right(id_number: str) -> bool:
    # ISO 7064 MOD 11-2 by its definition, not by the table of weights that the code uses.
    values = [10 if character == "X" else int(character) for character in id_number]
    weighted = [value << (17 - place) for place, value in enumerate(values)]
    return sum(weighted) % 11 == 1


@installed_by_make
@pytest.mark.timeout(900)
def test_make_run_from_first_start_to_kill_9_and_back(place: Place) -> None:
    run = place.start("make", "run")
    lines = place.wait_ready(run, START_SECONDS)
    assert any("第一次启动" in line for line in lines)
    assert any("演示数据 3/7：" in line for line in lines)
    assert any(f"http://127.0.0.1:{place.port}/" in line for line in lines)
    assert place.get("/readyz") == 200
    assert place.get("/healthz") == 200

    demo = place.read_demo()
    assert demo["base_url"] == f"http://127.0.0.1:{place.port}"
    assert set(demo["wechat"]) == {"app_id", "token", "aes_key", "original_id"}
    sizes = {"people": 400, "employers": 30, "institutions": 12, "classes": 20}
    assert {name: len(demo[name]) for name in sizes} == sizes
    assert {one["role"] for one in demo["staff"]} == {role.value for role in STAFF_ROLES}
    assert all(checksum_is_right(person["id_number"]) for person in demo["people"])
    assert any(person["id_number"].startswith("371502") for person in demo["people"])
    for name in ("demo.json", "sandbox.json"):
        assert stat.S_IMODE((place.var / name).stat().st_mode) == 0o600
    assert "每人每月500元" in place.say("以工代训补贴多少钱")

    # `kill -INT` on make alone, which does not pass it on.
    place.stop(run, signal.SIGINT)

    run = place.start("make", "run")
    place.wait_ready(run, START_SECONDS)
    assert place.read_demo()["people"] == demo["people"]
    place.kill(run)

    run = place.start("make", "run")
    place.wait_ready(run, START_SECONDS)
    assert place.read_demo()["wechat"] == demo["wechat"]
    place.stop(run, signal.SIGTERM)


def test_demo_answers_and_stops_in_good_order(place: Place) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo")
    place.wait_ready(run, START_SECONDS)
    assert place.get("/readyz") == 200
    assert place.say("你好", "--as", place.read_demo()["people"][1]["name"]).strip()
    output = place.stop(run, signal.SIGTERM)
    assert output.splitlines()[-1].endswith("已全部停止。")
    assert "强行结束" not in output
    assert run.returncode == 0


@pytest.mark.parametrize("variable", WECHAT_VARIABLES)
def test_demo_refuses_beside_a_real_account(place: Place, variable: str) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo", **{variable: "wx0123456789abcdef"})
    output, _ = run.communicate(timeout=20)
    assert run.returncode == 2
    assert len(output.splitlines()) == 1
    assert variable in output
    assert [path.name for path in place.var.iterdir()] == ["models"], "nothing was begun"


def test_demo_names_a_taken_port(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)):
        run = place.start(sys.executable, "-m", "scripts", "demo")
        output, _ = run.communicate(timeout=20)
    assert run.returncode == 2
    assert len(output.splitlines()) == 1
    assert "PORT" in output
    assert f"127.0.0.1:{place.port}" in output
    assert place.processes() == []


def test_demo_names_a_host_that_is_not_here(place: Place) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo", HOST="999.1.1.1")
    output, _ = run.communicate(timeout=20)
    assert run.returncode == 2
    assert len(output.splitlines()) == 1
    assert "HOST" in output
    assert "PORT" not in output
    assert place.processes() == []
