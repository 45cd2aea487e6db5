"""The code on the class screen: six digits that change every 15 seconds (TOTP, RFC 6238). Pure.

Each session has a secret of its own, derived from a key of the vault: no row is written for it and
none can be read, every process knows it, and it outlives them all (docs/decisions/0030).
"""

import base64
import hmac
import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

import pyotp

from domain.calendar import LOCAL
from domain.vault import Vault

STEP_SECONDS = 15
#: What the screen's QR code says: zpt:<session>:<code>.
_QR = re.compile(r"zpt:([0-9a-fA-F-]{36}):([0-9]{6})")
_CODE = re.compile(r"[0-9]{6}")
_PURPOSE = "session code"


def secret_of(vault: Vault, session_id: UUID) -> str:
    """The session's own secret: 128 bits, in the letters that TOTP is given."""
    return base64.b32encode(vault.index(str(session_id), _PURPOSE)).decode("ascii")


def code_at(secret: str, moment: datetime) -> str:
    """The six digits of a moment."""
    return pyotp.TOTP(secret).generate_otp(_step_of(moment))


def changes_at(moment: datetime) -> datetime:
    """When the code of `moment` gives way to the next one."""
    return datetime.fromtimestamp((_step_of(moment) + 1) * STEP_SECONDS, LOCAL)


def matches(secret: str, code: str, moment: datetime) -> bool:
    """Whether it is the code of `moment` or the one before it; never the next one.

    The next one is on no screen yet: whoever has it has not read it off one.
    """
    totp, step = pyotp.TOTP(secret), _step_of(moment)
    given = code.encode("utf-8", "surrogatepass")
    # Both are compared, whatever the first comparison says, and each in constant time.
    current = hmac.compare_digest(totp.generate_otp(step).encode(), given)
    previous = hmac.compare_digest(totp.generate_otp(step - 1).encode(), given)
    return current | previous


def tidy_code(written: str) -> str:
    """What somebody typed as a code: full-width digits and spaces are read as they are meant."""
    return "".join(unicodedata.normalize("NFKC", written).split())


def is_code(text: str) -> bool:
    """Whether it has the form of a code."""
    return _CODE.fullmatch(text) is not None


def write_qr(session_id: UUID, code: str) -> str:
    """What the QR code says."""
    return f"zpt:{session_id}:{code}"


def read_qr(text: str) -> tuple[UUID, str] | None:
    """The session and the code of what was scanned; None where it is no QR code of ours."""
    found = _QR.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return UUID(found[1]), found[2]
    except ValueError:
        return None


def start_of_step(moment: datetime) -> datetime:
    """When the code of `moment` came onto the screen."""
    return changes_at(moment) - timedelta(seconds=STEP_SECONDS)


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS
