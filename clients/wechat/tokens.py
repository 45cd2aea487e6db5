"""One account's access token, the same in all processes, renewed before it runs out.

The platform counts token calls and takes the old token back when a new one is made, so
processes must not fetch against each other. stable_token is used in its normal mode only:
it answers the same token while that is valid and a new one in its last 5 minutes.
force_refresh is for a person to decide.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from clients.wechat.errors import (
    CredentialError,
    MalformedAnswerError,
    QuotaExceededError,
    TokenUnavailableError,
    WeChatApiError,
    restore_error,
)
from clients.wechat.token_store import Claim, ClaimState, TokenStore
from clients.wechat.transport import Call, Transport

logger = logging.getLogger(__name__)

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 (a path)

#: Seconds before the end at which a token is renewed. Less than the platform's 300, for
#: before these it would answer the same token again.
RENEW_AHEAD = 240.0
#: Seconds before the end from which a token is not used any more.
UNUSABLE_AHEAD = 15.0
#: Seconds until the next look, where someone else is renewing or the same token came again.
LOOK_AGAIN = 5.0
#: A lock must outlive one fetch with its retries, or a second process would start one too.
LOCK_LIFE = 20.0
FETCH_TIMEOUT = 5.0
#: Seconds that a caller waits for another process's fetch.
WAIT_LIMIT = 10.0
#: After a failure nobody asks again for so long: a wrong secret would burn the day's quota.
BACKOFF_FIRST, BACKOFF_LONGEST = 2.0, 300.0
#: Where only a person can help (wrong secret, quota), the first pause is already long.
BACKOFF_FOR_A_PERSON = 60.0


@dataclass(frozen=True, slots=True)
class _Held:
    token: str = field(repr=False)
    #: On this process's monotonic clock.
    renew_at: float
    unusable_at: float


@dataclass(frozen=True, slots=True)
class _Failure:
    error: WeChatApiError
    until: float


class TokenKeeper:
    """Gives the access token and renews it, one fetch at a time over all processes.

    With Redis down each process keeps its token to its end; it does not fetch for each call.
    """

    def __init__(
        self,
        app_id: str,
        secret: str,
        *,
        api_base: str,
        transport: Transport,
        store: TokenStore,
        clock: Callable[[], float],
        rng: random.Random | None = None,
    ) -> None:
        self._app_id = app_id
        self._secret = secret
        self._url = api_base + STABLE_TOKEN
        self._transport = transport
        self._store = store
        self._clock = clock
        self._rng = rng or random.SystemRandom()
        self._held: _Held | None = None
        self._failure: _Failure | None = None
        self._failures = 0
        self._refused = ""
        self._refused_until = 0.0
        self._refused_times = 0
        self._renewal: asyncio.Task[str] | None = None

    def __repr__(self) -> str:
        return f"TokenKeeper({self._app_id!r})"

    async def close(self) -> None:
        if self._renewal is not None and not self._renewal.done():
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def get(self) -> str:
        """The access token. Raises WeChatApiError where none can be had."""
        held = self._held
        now = self._clock()
        if held is not None and now < held.unusable_at:
            if now >= held.renew_at:
                self._start_renewal()  # behind the back of this call, which has a good one
            return held.token
        # Shielded: a caller who gives up must not break off the fetch the others wait for.
        return await asyncio.shield(self._start_renewal())

    async def replace(self, refused: str) -> str | None:
        """The token to try once more after the platform refused `refused`; None for no other.

        The stored token is only forgotten if it is still the refused one: a refusal that
        comes late must not take away what another has renewed since. Where the platform gives
        the refused token once more, that is kept, and not asked about again for a while.
        """
        if self._refused == refused and self._clock() < self._refused_until:
            return None
        if self._held is not None and self._held.token == refused:
            self._held = None
        if self._held is None:
            await self._store.expire_if(refused)
            self._refused = refused
        token = await self.get()
        return token if token != refused else None

    def _start_renewal(self) -> "asyncio.Task[str]":
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="wechat-token")
            self._renewal.add_done_callback(_retrieve_exception)
        return self._renewal

    async def _renew(self) -> str:
        try:
            return await self._find_or_fetch()
        except WeChatApiError:
            held, now = self._held, self._clock()
            if held is None or now >= held.unusable_at:
                raise
            self._held = _Held(held.token, now + LOOK_AGAIN, held.unusable_at)
            return held.token

    async def _find_or_fetch(self) -> str:
        give_up_at = self._clock() + WAIT_LIMIT
        while True:
            claim = await self._store.claim(RENEW_AHEAD, LOCK_LIFE)
            if claim.state is ClaimState.FRESH:
                return self._hold(claim.token, claim.life)
            if claim.state in (ClaimState.CLAIMED, ClaimState.ALONE):
                return await self._fetch_under(claim)
            if claim.life > UNUSABLE_AHEAD:
                # It nears its end and someone renews it, or just failed to: good until then.
                return self._hold(claim.token, claim.life)
            if claim.state is ClaimState.FAILED:
                raise _remembered(claim.failure)
            if self._clock() >= give_up_at:
                raise TokenUnavailableError(0, "", STABLE_TOKEN)
            await asyncio.sleep(self._rng.uniform(0.03, 0.12))

    async def _fetch_under(self, claim: Claim) -> str:
        """Fetch and share. Called while holding the store's lock, or alone without a store."""
        stored = False
        failure, pause = "", 0.0
        try:
            failed = self._failure
            if failed is not None and self._clock() < failed.until:
                raise type(failed.error)(*failed.error.args)
            try:
                token, life = await self._fetch()
            except WeChatApiError as error:
                pause = self._remember(error)
                failure = f"{error.code} {error.errcode} {error.errmsg}"
                logger.warning("token fetch failed: %s, next after %.0f s", error.code, pause)
                raise
            self._failure, self._failures = None, 0
            self._note_refused(token)
            self._hold(token, life)
            if claim.state is ClaimState.CLAIMED:
                stored = await self._store.write(claim.fence, token, life)
            return token
        finally:
            # Also when cancelled at shutdown: nobody need wait for the lock to run out.
            if claim.state is ClaimState.CLAIMED and not stored:
                await self._store.release(claim.fence, failure, pause)

    def _note_refused(self, token: str) -> None:
        if token != self._refused:
            self._refused, self._refused_times = "", 0
            return
        self._refused_times += 1
        self._refused_until = self._clock() + _pause(BACKOFF_FOR_A_PERSON, self._refused_times)

    async def _fetch(self) -> tuple[str, float]:
        body = json.dumps(
            {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        ).encode()
        call = Call("POST", self._url, STABLE_TOKEN, body=body, timeout=FETCH_TIMEOUT)
        data = (await self._transport.send(call)).expect_object(STABLE_TOKEN)
        token, life = data.get("access_token"), data.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(life, int) or life <= 0:
            raise MalformedAnswerError(0, "没有 access_token 或 expires_in", STABLE_TOKEN)
        return token, float(life)

    def _hold(self, token: str, life: float) -> str:
        now = self._clock()
        # A token of which little is left was just given again: look again soon, not at once.
        renew_at = max(now + life - RENEW_AHEAD, now + min(LOOK_AGAIN, life / 2))
        # A life shorter than the margin can still be used for half of itself.
        self._held = _Held(token, renew_at, now + max(life - UNUSABLE_AHEAD, life / 2))
        return token

    def _remember(self, error: WeChatApiError) -> float:
        """Keep the failure for all who ask next; returns for how many seconds."""
        self._failures += 1
        for_a_person = isinstance(error, CredentialError | QuotaExceededError)
        pause = _pause(BACKOFF_FOR_A_PERSON if for_a_person else BACKOFF_FIRST, self._failures)
        self._failure = _Failure(error, self._clock() + pause)
        return pause


def _pause(first: float, times: int) -> float:
    return min(first * 2.0 ** min(times - 1, 16), BACKOFF_LONGEST)


def _remembered(failure: str) -> WeChatApiError:
    """What another process found out, as TokenStore keeps it."""
    code, errcode, errmsg = failure.split(" ", 2)
    return restore_error(code, int(errcode), errmsg, STABLE_TOKEN)


def _retrieve_exception(task: "asyncio.Task[str]") -> None:
    """Read the outcome, for where all who waited have gone asyncio would complain of it."""
    if not task.cancelled():
        task.exception()
