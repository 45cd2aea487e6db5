"""The sandbox's account of a demo that is running, for a command that runs beside it."""

import http.client
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from demo.accounts import FILE as ACCOUNTS_FILE
from demo.accounts import AccountsDamaged, load_accounts
from demo.names import DEMO_FILE
from scripts.embedded.lock import is_held
from scripts.embedded.services import LOCK
from settings import WECHAT_VARIABLES, Need, SettingsError, read_settings

_ANSWER_SECONDS = 2.0


def find_running_demo(environment: Mapping[str, str]) -> dict[str, str] | None:
    """The variables that lead to the demo's sandbox under ZPT_VAR; None where none runs.

    Also None where `environment` names any WeChat account or platform of its own: half of one
    account must never be completed with half of another.
    """
    if any(environment.get(name) for name in (*WECHAT_VARIABLES, "WECHAT_API_BASE")):
        return None
    var = read_settings(environment, Need.NOTHING).var
    demo_file = var / DEMO_FILE
    # Both files outlive the demo that wrote them; its lock does not, but other commands hold it
    # too, so the sandbox itself is asked as well.
    if not (is_held(var / LOCK) and demo_file.exists() and (var / ACCOUNTS_FILE).exists()):
        return None
    sandbox_url = json.loads(demo_file.read_text(encoding="utf-8"))["sandbox_url"]
    if not _answers(sandbox_url):
        return None
    try:
        accounts = load_accounts(var)
    except AccountsDamaged as error:
        raise SettingsError("ZPT_VAR", str(error)) from None
    return {
        **accounts.as_environment(),
        "WECHAT_MP_PLAIN": "",
        "WECHAT_API_BASE": sandbox_url,
        "ZPT_SANDBOX": "1",
    }


def _answers(sandbox_url: str) -> bool:
    # The plain client: a proxy that the environment names is not asked for what is on this machine.
    connection = http.client.HTTPConnection(urlsplit(sandbox_url).netloc, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/sandbox/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
