"""What the approval of each kind of request does, by the area that it is about."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.employers import effects as employers
from domain.people.corrections import change_phone, correct_identity
from domain.people.moving import move_binding
from domain.requests.rules import KINDS, Kind
from domain.vault import Vault
from models.requests import Request

#: Runs inside the transaction of the decision, with the request held; what it raises undoes the
#: decision and is told to who decides. Arguments: connection, actor, vault, request, what was
#: asked for, now.
Effect = Callable[
    [BaseDBAsyncClient, Actor, Vault, Request, Mapping[str, Any], datetime], Awaitable[None]
]

EFFECTS: Mapping[Kind, Effect] = {
    "identity": correct_identity,
    "phone": change_phone,
    "binding": move_binding,
    "employer_contact": employers.admit_contact,
    "employer_keeper": employers.change_keeper,
}
assert set(EFFECTS) == set(KINDS)
