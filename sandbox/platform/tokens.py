"""Access tokens as the platform gives them out: /token and /stable_token, apart from each other."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.platform.answers import RefusalError

LIFE = 7200
#: /token: the old one is good for so long after a new one was made.
OVERLAP = 300
#: stable_token gives a new one when less than this is left.
RENEWED_EARLY = 300
FORCED_APART = 30
FORCED_A_DAY = 20


@dataclass(slots=True)
class Account:
    """One account's credentials and tokens. `tokens` holds when each ends."""

    app_id: str
    secret: str
    is_mini_program: bool
    tokens: dict[str, float] = field(default_factory=dict)
    latest: str = ""
    stable: str = ""
    forced_at: list[float] = field(default_factory=list)


class TokenOffice:
    """Gives tokens and says what they are worth. `now` in seconds."""

    def __init__(self, accounts: list[Account], now: Callable[[], float]) -> None:
        self._accounts = {account.app_id: account for account in accounts}
        self._now = now

    def authenticate(self, app_id: str, secret: str) -> Account:
        """The account of an AppID and AppSecret. Raises 40013, 40125, 41002, 41004."""
        if not app_id:
            raise RefusalError(41002)
        if not secret:
            raise RefusalError(41004)
        account = self._accounts.get(app_id)
        if account is None:
            raise RefusalError(40013)
        if not secrets.compare_digest(account.secret.encode(), secret.encode()):
            raise RefusalError(40125)
        return account

    def give(self, account: Account) -> tuple[str, int]:
        """/token: a new one with each call; the one before ends within 5 minutes."""
        now = self._now()
        if account.latest in account.tokens:
            account.tokens[account.latest] = min(account.tokens[account.latest], now + OVERLAP)
        account.latest = self._make(account, now)
        return account.latest, LIFE

    def give_stable(self, account: Account, *, force_refresh: bool) -> tuple[str, int]:
        """/stable_token: the same while valid; forced at most 20 times a day, 30 s apart."""
        now = self._now()
        left = account.tokens.get(account.stable, 0.0) - now
        if force_refresh:
            account.forced_at = [at for at in account.forced_at if at > now - 86_400]
            if len(account.forced_at) >= FORCED_A_DAY:
                raise RefusalError(45009)
            if not account.forced_at or now - account.forced_at[-1] >= FORCED_APART:
                account.forced_at.append(now)
                account.tokens.pop(account.stable, None)  # ends at once, unlike /token's
                left = 0.0
        if left <= RENEWED_EARLY:
            account.stable, left = self._make(account, now), LIFE
        return account.stable, int(left)

    def check(self, token: str) -> Account:
        """The account of a token. Raises 41001, 40001 (never given or taken back), 42001."""
        if not token:
            raise RefusalError(41001)
        for account in self._accounts.values():
            ends = account.tokens.get(token)
            if ends is not None:
                if ends <= self._now():
                    raise RefusalError(42001)
                return account
        raise RefusalError(40001)

    def take_back_all(self) -> None:
        """As if someone else had fetched a token: what is out is no longer known."""
        for account in self._accounts.values():
            account.tokens.clear()
            account.latest = account.stable = ""

    def _make(self, account: Account, now: float) -> str:
        token = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}"
        account.tokens[token] = now + LIFE
        # Those ended for more than a day are 40001 rather than 42001, on the platform too.
        account.tokens = {t: end for t, end in account.tokens.items() if end > now - 86_400}
        return token
