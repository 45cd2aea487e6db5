"""The stand-in's part in the mini-program on the phone: what wx.login gives."""

import json
from pathlib import Path
from typing import Any

from tests.contract.support import MINI
from tests.integration.sandbox.support import OPENID, Hand

CODES = "phone/login-codes"


async def exchange(hand: Hand, code: str) -> Any:
    """As the service does with a code that a mini-program has sent it."""
    query = {"appid": MINI.app_id, "secret": MINI.secret, "js_code": code}
    async with hand.session.get(f"{hand.url}/sns/jscode2session", params=query) as response:
        return json.loads(await response.text())


async def test_a_login_code_is_good_once(hand: Hand) -> None:
    code = (await hand.post(CODES, {"openid": OPENID}))["code"]
    assert (await exchange(hand, code))["openid"] == OPENID
    assert (await exchange(hand, code))["errcode"] == 40163
    assert (await hand.post(CODES, {"openid": OPENID}))["code"] != code


async def test_of_the_demos_people_it_is_the_one_in_its_file(hand: Hand, tmp_path: Path) -> None:
    person = {"openid": OPENID, "name": "王素梅", "login_code_hint": "code-of-wang"}
    (tmp_path / "demo.json").write_text(json.dumps({"people": [person]}), "utf-8")
    for _ in range(2):
        code = (await hand.post(CODES, {"openid": OPENID}))["code"]
        assert code == "code-of-wang"
        assert (await exchange(hand, code))["openid"] == OPENID


async def test_what_is_no_phone_has_no_code(hand: Hand) -> None:
    for openid in ("?", "", 3, "x" * 65):
        async with hand.session.post(
            f"{hand.url}/sandbox/{CODES}",
            data=json.dumps({"openid": openid}),
            headers={"Content-Type": "application/json"},
        ) as response:
            assert response.status in (400, 413), await response.text()
    async with hand.session.post(
        f"{hand.url}/sandbox/{CODES}",
        data="{}",
        headers={"Content-Type": "application/json", "Origin": "https://example.com"},
    ) as response:
        assert response.status == 403
