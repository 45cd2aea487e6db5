"""The second factor: codes of an authenticator that count time (TOTP, RFC 6238)."""

import hmac
from datetime import datetime

import pyotp

#: What authenticators call the account by.
_ISSUER = "职培通"
_STEP_SECONDS = 30
#: Steps before and after the one of this moment: clocks of phones differ, and people are slow.
_DRIFT = 1


def new_secret() -> str:
    """160 bits in the letters that people can type into an authenticator."""
    return pyotp.random_base32()


def enrolment_address(secret: str, username: str) -> str:
    """What the QR code says: otpauth://totp/…"""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER)


def code_at(secret: str, now: datetime) -> str:
    """The six digits of a moment."""
    return pyotp.TOTP(secret).generate_otp(_step_of(now))


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, of those about `now`; None for a wrong one.

    Whoever takes it remembers the step: no code of it or of one before is good again.
    """
    plain = "".join(code.split())
    current = _step_of(now)
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), plain.encode()):
            found = step
    return found


def _step_of(now: datetime) -> int:
    return int(now.timestamp()) // _STEP_SECONDS
