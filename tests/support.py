"""Helpers that tests of several folders use."""

import base64
from functools import cache
from pathlib import Path

from content.loader import PACKAGE_CONTENT, load_content
from content.schema import Content
from settings import Settings, read_settings

#: The official account of the tests; the sandbox's kind of AppID, or the settings refuse it.
APP_ID = "wxsandbox0123456789"
TOKEN = "a-token-of-the-tests"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def make_environment(database_url: str, redis_url: str, var: Path, **more: str) -> dict[str, str]:
    """The variables of a sandbox."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ZPT_VAR": str(var),
        "ZPT_SANDBOX": "1",
        "WECHAT_API_BASE": "http://127.0.0.1:9",
        "WECHAT_MP_APP_ID": APP_ID,
        "WECHAT_MP_SECRET": "a-secret-of-the-tests",
        "WECHAT_MP_TOKEN": TOKEN,
        "WECHAT_MP_AES_KEY": AES_KEY,
        "ZPT_DATA_KEYS": "k1:" + base64.b64encode(bytes(range(32))).decode(),
        **more,
    }


def make_settings(database_url: str, redis_url: str, var: Path, **more: str) -> Settings:
    """Settings as the environment of a sandbox gives them."""
    return read_settings(make_environment(database_url, redis_url, var, **more))


@cache
def package_content() -> Content:
    """The package's own content, which nobody can change; reading it takes a second."""
    return load_content(PACKAGE_CONTENT)
