"""`var/demo.json`: what people, scripts and checks outside need to try the running demo."""

import base64
import hashlib
import hmac
from pathlib import Path

from scripts.supervisor.sandbox_accounts import SandboxAccounts, write_private

FILE = "demo.json"

#: Fictional people: name and the first 17 digits of the citizen ID: region (东昌府, 阳谷, 莘县,
#: 东阿, 冠县, 临清), day of birth, order. 371502 also for one born before that code existed:
#: real cards carry it.
PEOPLE = (
    ("王素梅", "37150219780316902"),
    ("李建国", "37152119690822911"),
    ("张晓雨", "37152219990505946"),
    ("赵文博", "37152420010117935"),
    ("孙桂兰", "37152519721130928"),
    ("周立新", "37158119880704957"),
)
#: 169 has been given to no operator.
PHONE_PREFIX = "1690000"
CHECKSUM_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKSUM_CHARACTERS = "10X98765432"


def complete_id_number(first_17: str) -> str:
    """The 18-character citizen ID (GB 11643-1999) that begins with these 17 digits."""
    total = sum(
        weight * int(digit) for weight, digit in zip(CHECKSUM_WEIGHTS, first_17, strict=True)
    )
    return first_17 + CHECKSUM_CHARACTERS[total % 11]


def write_demo_file(
    var: Path, accounts: SandboxAccounts, *, base_url: str, sandbox_url: str
) -> Path:
    """Write the file, the same at every start but for the URLs, and return its path."""
    path = var / FILE
    write_private(
        path,
        {
            "base_url": base_url,
            "sandbox_url": sandbox_url,
            "wechat": {
                "app_id": accounts.app_id,
                "token": accounts.token,
                "aes_key": accounts.aes_key,
                "original_id": accounts.original_id,
            },
            "mini": {"app_id": accounts.mini_app_id},
            "people": [_person(accounts, number) for number in range(len(PEOPLE))],
            # Filled as the parts they belong to are built.
            "staff": [],
            "employers": [],
            "institutions": [],
            "classes": [],
            "open_session": None,
        },
    )
    return path


def _person(accounts: SandboxAccounts, number: int) -> dict[str, object]:
    name, first_17 = PEOPLE[number]
    return {
        "name": name,
        "id_number": complete_id_number(first_17),
        "phone": f"{PHONE_PREFIX}{number + 1:04}",
        "openid": "o" + _derive(accounts.people_seed, f"openid {number}", 27),
        "login_code_hint": "0" + _derive(accounts.people_seed, f"login code {number}", 31),
        "bound": False,
        "enrolled": [],
    }


def _derive(seed: str, purpose: str, length: int) -> str:
    digest = hmac.new(seed.encode(), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")[:length]
