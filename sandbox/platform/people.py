"""Who uses the sandbox: the demo's people, read from var/demo.json whenever it changes."""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.platform.answers import RefusalError

OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
CODE_LIFE = 300.0
CODES_KEPT = 1000
#: Of the file's people, so many can be chosen; the demo has hundreds.
MOST_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Person:
    openid: str
    phone: str = ""
    name: str = ""
    #: A wx.login code accepted again and again.
    login_code: str = ""

    @property
    def unionid(self) -> str:
        digest = hashlib.sha256(f"unionid {self.openid}".encode()).hexdigest()
        return f"oSandboxUnion{digest[:15]}"


@dataclass(slots=True)
class _Code:
    openid: str
    made_at: float
    used: bool = False


@dataclass(slots=True)
class People:
    """`now` in seconds. Openids are known when they stand in the file or have acted."""

    demo_file: Path | None
    now: Callable[[], float]
    _read_at: tuple[int, int] = (0, 0)
    _demo: dict[str, Any] = field(default_factory=dict)
    _listed: dict[str, Person] = field(default_factory=dict)
    _acted: dict[str, Person] = field(default_factory=dict)
    _login_codes: dict[str, _Code] = field(default_factory=dict)
    _phone_codes: dict[str, _Code] = field(default_factory=dict)

    def all(self) -> list[Person]:
        """Those of the file first, as they stand there, then who was added or has acted."""
        self._read()
        return list((self._listed | self._acted | self._listed).values())

    def shown(self) -> list[Person]:
        """Those whose phone one may hold: the first of the file, and who was added or has acted."""
        self._read()
        first = dict(list(self._listed.items())[:MOST_SHOWN])
        acted = {openid: self._listed.get(openid, one) for openid, one in self._acted.items()}
        return list((first | acted).values())

    def read_demo(self) -> dict[str, Any]:
        """All that the file says; {} before it is written."""
        self._read()
        return self._demo

    def find(self, openid: str) -> Person:
        """Raises 40003 where the openid is not of this account."""
        self._read()
        person = self._listed.get(openid) or self._acted.get(openid)
        if person is None:
            raise RefusalError(40003)
        return person

    def meet(self, openid: str, phone: str = "") -> Person:
        """The person, made known if need be. Raises 40003 for what cannot be an openid."""
        if not OPENID.fullmatch(openid):
            raise RefusalError(40003)
        self._read()
        if openid not in self._listed and (openid not in self._acted or phone):
            self._add(Person(openid, phone=phone))
        return self.find(openid)

    def invent(self, name: str) -> Person:
        """Somebody new."""
        person = Person("oSandbox" + secrets.token_hex(10), name=name)
        self._add(person)
        return person

    def _add(self, person: Person) -> None:
        while len(self._acted) >= CODES_KEPT:
            self._acted.pop(next(iter(self._acted)))
        self._acted[person.openid] = person

    def make_login_code(self, openid: str) -> str:
        """What wx.login would give this person: good once, for 5 minutes."""
        return self._make(self._login_codes, openid, "0")

    def make_phone_code(self, openid: str) -> str:
        """What getPhoneNumber would give this person: good once, for 5 minutes."""
        return self._make(self._phone_codes, openid, "p")

    def spend_login_code(self, code: str) -> Person:
        """Raises 41008, 40029 (unknown or too old), 40163 (used)."""
        self._read()
        for person in self._listed.values():
            if person.login_code and person.login_code == code:
                return person
        return self._spend(self._login_codes, code)

    def spend_phone_code(self, code: str) -> Person:
        """As `spend_login_code`; `phone-` and a demo person's login code works again and again.

        The login code itself is refused, as on the platform: the two are different codes.
        """
        self._read()
        for person in self._listed.values():
            if person.login_code and f"phone-{person.login_code}" == code:
                return person
        return self._spend(self._phone_codes, code)

    def forget_codes(self) -> None:
        self._login_codes.clear()
        self._phone_codes.clear()
        self._acted.clear()

    def _make(self, codes: dict[str, _Code], openid: str, prefix: str) -> str:
        self.meet(openid)
        while len(codes) >= CODES_KEPT:
            codes.pop(next(iter(codes)))
        code = prefix + secrets.token_urlsafe(23)
        codes[code] = _Code(openid, self.now())
        return code

    def _spend(self, codes: dict[str, _Code], code: str) -> Person:
        if not code:
            raise RefusalError(41008)
        known = codes.get(code)
        if known is None or self.now() - known.made_at > CODE_LIFE:
            raise RefusalError(40029)
        if known.used:
            raise RefusalError(40163)
        known.used = True
        return self.find(known.openid)

    def _read(self) -> None:
        if self.demo_file is None:
            return
        try:
            status = self.demo_file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._read_at:
                return
            self._demo = json.loads(self.demo_file.read_text("utf-8"))
        except (OSError, ValueError):
            return  # not written yet, or half written: the next call reads again
        self._read_at = stamp
        self._listed = {
            one["openid"]: Person(
                openid=one["openid"],
                phone=one.get("phone") or "",
                name=one.get("name") or "",
                login_code=one.get("login_code_hint") or "",
            )
            for one in self._demo.get("people", [])
            if one.get("openid")
        }
