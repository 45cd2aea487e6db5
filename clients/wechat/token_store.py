"""Where all processes keep one account's access token: Redis, and who may renew it.

Times are Redis's own remaining lives, so clocks of different machines do not matter. All keys
of an account carry its AppID as hash tag, for a cluster keeps them in one slot then. Scripts
use nothing newer than Redis 6.2.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

#: Seconds that Redis may take for one script before it counts as down.
REDIS_PATIENCE = 1.0

# KEYS: token, lock, fence, failure. ARGV: renew ahead (ms), lock life (ms).
# Looks and takes the lock in one step, so that the second look inside the lock cannot be
# forgotten: a token that came in the meantime is found here and no lock is taken.
_CLAIM = """
local token = redis.call('GET', KEYS[1]) or ''
local life = redis.call('PTTL', KEYS[1])
if token ~= '' and life > tonumber(ARGV[1]) then return {'fresh', token, life} end
local failure = redis.call('GET', KEYS[4])
if failure then return {'failed', token, life, failure} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'locked', token, life} end
local fence = redis.call('INCR', KEYS[3])
redis.call('SET', KEYS[2], fence, 'PX', ARGV[2])
return {'claimed', token, life, tostring(fence)}
"""

# KEYS: token, lock, fence, failure. ARGV: fence, token, life (ms).
# Only the last to have taken the lock may write: one whose lock ran out while it waited for
# the platform must not put an old token over a newer one.
_WRITE = """
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[4])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
"""

# KEYS: token, lock, fence, failure. ARGV: fence, what failed ('' for nothing), life (ms).
_RELEASE = """
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.call('SET', KEYS[4], ARGV[2], 'PX', ARGV[3]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
"""

# KEYS: token. ARGV: the token that was refused.
_EXPIRE_IF = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""


class ClaimState(Enum):
    FRESH = "fresh"
    FAILED = "failed"
    LOCKED = "locked"
    CLAIMED = "claimed"
    #: Redis does not answer: the process is on its own.
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Claim:
    """`token` is what is stored, "" for none, good for `life` seconds more.

    `fence` is set when CLAIMED, `failure` ("code errcode errmsg") when FAILED.
    """

    state: ClaimState
    token: str = field(default="", repr=False)
    life: float = 0.0
    fence: int = 0
    failure: str = ""


class TokenStore:
    """One account's shared token. Never raises for Redis: a store that is down holds nothing."""

    def __init__(self, redis: "Redis | None", app_id: str) -> None:
        self._redis = redis
        prefix = f"zpt:wechat:{{{app_id}}}"
        self._keys = [f"{prefix}:{name}" for name in ("token", "lock", "fence", "failure")]
        self._scripts: dict[str, Callable[..., Awaitable[Any]]] = {}
        if redis is not None:
            for script in (_CLAIM, _WRITE, _RELEASE, _EXPIRE_IF):
                self._scripts[script] = redis.register_script(script)

    async def claim(self, renew_ahead: float, lock_life: float) -> Claim:
        """The stored token where it lives longer than `renew_ahead` seconds, else the lock."""
        answer = await self._run(_CLAIM, _milliseconds(renew_ahead), _milliseconds(lock_life))
        if answer is None:
            return Claim(ClaimState.ALONE)
        state = ClaimState(_text(answer[0]))
        extra = _text(answer[3]) if len(answer) > 3 else ""
        return Claim(
            state=state,
            token=_text(answer[1]),
            life=max(int(answer[2]), 0) / 1000,
            fence=int(extra) if state is ClaimState.CLAIMED else 0,
            failure=extra if state is ClaimState.FAILED else "",
        )

    async def write(self, fence: int, token: str, life: float) -> bool:
        """Store the token and give the lock back; False where someone has claimed since."""
        return bool(await self._run(_WRITE, fence, token, max(_milliseconds(life), 1)))

    async def release(self, fence: int, failure: str = "", life: float = 0.0) -> None:
        """Give the lock back, and tell the others for `life` seconds what failed."""
        await self._run(_RELEASE, fence, failure, max(_milliseconds(life), 1))

    async def expire_if(self, token: str) -> bool:
        """Forget the stored token, but only if it is still this one."""
        return bool(await self._run(_EXPIRE_IF, token))

    async def _run(self, script: str, *arguments: str | int) -> Any:
        if self._redis is None:
            return None
        try:
            async with asyncio.timeout(REDIS_PATIENCE):
                return await self._scripts[script](keys=self._keys, args=arguments)
        except (RedisError, OSError, TimeoutError):
            return None


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _text(value: bytes | str) -> str:
    """The client may or may not decode; both are fine here."""
    return value.decode() if isinstance(value, bytes) else value
