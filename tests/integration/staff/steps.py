"""The way in, as the tests of pages take it."""

import re
from collections.abc import Callable

from domain.staff.second_factor import code_at
from tests.integration.staff.browser import Browser, Page
from tests.integration.staff.conftest import PASSWORD, Clock

OpenBrowser = Callable[[], Browser]
OTHER = "从南门走到湖边要半个小时"


async def enter(browser: Browser, username: str, password: str = PASSWORD) -> Page:
    return await browser.send("/console/sign-in", {"username": username, "password": password})


def secret_on(page: Page) -> str:
    found = re.search(r'second-factor-secret">([A-Z2-7 ]+)<', page.text)
    assert found, page.title
    return found[1].replace(" ", "")


async def enrol(browser: Browser, clock: Clock, username: str, password: str = PASSWORD) -> str:
    """Sign in for the first time; the secret of the authenticator."""
    page = await enter(browser, username, password)
    assert page.title == "设置两步验证"
    secret = secret_on(page)
    page = await browser.send(page.path, {"code": code_at(secret, clock.now)})
    assert (page.title, page.path) == ("首页", "/console/")
    return secret


async def sign_in(
    browser: Browser, clock: Clock, username: str, secret: str, password: str = PASSWORD
) -> Page:
    clock.move(seconds=30)
    page = await enter(browser, username, password)
    assert page.title == "输入验证码", page.text
    return await browser.send(page.path, {"code": code_at(secret, clock.now)})
