"""The sandbox's own accounts: made once at random, kept in `var/sandbox.json` (0600)."""

import base64
import json
import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from settings import SANDBOX_APP_ID_PREFIX

FILE = "sandbox.json"
LETTERS_AND_DIGITS = string.ascii_letters + string.digits
#: The last of 43 base64 characters carries 4 bits only; others would not be canonical.
LAST_OF_AES_KEY = "AEIMQUYcgkosw048"


class AccountsDamaged(Exception):  # noqa: N818 (what happened, not what kind of class)
    """The file cannot be read; `str()` is what to print."""


@dataclass(frozen=True, slots=True)
class SandboxAccounts:
    """Credentials that only the sandbox accepts, and the key of the demo's personal data."""

    app_id: str
    secret: str
    token: str
    aes_key: str
    original_id: str
    mini_app_id: str
    mini_secret: str
    data_key: str
    #: What the demo people's openids and login codes are derived from.
    people_seed: str

    def as_environment(self) -> dict[str, str]:
        """The variables that settings.py reads."""
        return {
            "WECHAT_MP_APP_ID": self.app_id,
            "WECHAT_MP_SECRET": self.secret,
            "WECHAT_MP_TOKEN": self.token,
            "WECHAT_MP_AES_KEY": self.aes_key,
            "WECHAT_MINI_APP_ID": self.mini_app_id,
            "WECHAT_MINI_SECRET": self.mini_secret,
            "ZPT_DATA_KEYS": self.data_key,
        }


def create_accounts() -> SandboxAccounts:
    """New random accounts."""
    aes_key = "".join(secrets.choice(LETTERS_AND_DIGITS) for _ in range(42))
    return SandboxAccounts(
        app_id=SANDBOX_APP_ID_PREFIX + secrets.token_hex(8),
        secret=secrets.token_hex(16),
        token=secrets.token_hex(16),
        aes_key=aes_key + secrets.choice(LAST_OF_AES_KEY),
        original_id="gh_" + secrets.token_hex(6),
        mini_app_id=SANDBOX_APP_ID_PREFIX + secrets.token_hex(8),
        mini_secret=secrets.token_hex(16),
        data_key="demo1:" + base64.b64encode(secrets.token_bytes(32)).decode("ascii"),
        people_seed=secrets.token_hex(16),
    )


def load_accounts(var: Path) -> SandboxAccounts:
    """The accounts of `var`, made on the first call.

    Raises AccountsDamaged for such a file: new ones would make the data unreadable.
    """
    path = var / FILE
    if not path.exists():
        write_private(path, asdict(create_accounts()))
    try:
        return SandboxAccounts(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise AccountsDamaged(
            f"{path} 坏了，里面有演示数据的密钥；请从备份恢复它，或把整个 {var} 移走后重新开始。"
        ) from None


def write_private(path: Path, content: Mapping[str, object]) -> None:
    """Write `content` as JSON, whole or not at all, readable by the owner only."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
