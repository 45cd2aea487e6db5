"""A talk's state and its bytes, before they are sealed."""

import json
from typing import Any

from bot.talks.contract import State

#: Talks that lie upon one another: a choice upon a way to bind upon a check-in, which came into
#: the middle of another way to bind upon an enrolment.
_MOST_DEEP = 6


def write_state(state: State) -> bytes:
    """The bytes of `state` and of what comes after it."""
    return json.dumps(_to_json(state), ensure_ascii=False).encode("utf-8", "surrogatepass")


def read_state(plain: bytes) -> State | None:
    """Back from its bytes; None for what is no state."""
    try:
        return _from_json(json.loads(plain), _MOST_DEEP)
    except (ValueError, KeyError, TypeError):
        return None


def _to_json(state: State) -> dict[str, Any]:
    after = None if state.after is None else _to_json(state.after)
    return {
        "talk": state.talk,
        "version": state.version,
        "at": state.at,
        "answers": dict(state.answers),
        "after": after,
    }


def _from_json(value: Any, deep: int) -> State | None:
    if value is None:
        return None
    if not (
        deep
        and isinstance(value["talk"], str)
        and isinstance(value["version"], int)
        and isinstance(value["at"], str)
        and isinstance(value["answers"], dict)
    ):
        raise ValueError("not a state")
    return State(
        value["at"],
        value["answers"],
        value["talk"],
        value["version"],
        _from_json(value["after"], deep - 1),
    )
