"""Rows of every table that has something sealed, as the service writes them, and as it reads them.

Each row's values follow from its number, so that whoever finds it knows what must be in it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from domain.calendar import local_now
from domain.messaging.actions import FOLLOWER_OPENID_PLACE, LATE_OPENID_PLACE, LATE_TEXT_PLACE
from domain.messaging.dialogues import LAST_REPLY_PLACE, STATE_PLACE
from domain.messaging.records import TEXT_PLACE
from domain.messaging.rules import SENDER_PURPOSE, name_sender
from domain.sealed import match_index, open_field, seal_columns
from domain.vault import Vault
from models.accounts import Follower
from models.columns import new_id
from models.employers import Employer
from models.messages import Dialogue, InboundMessage, LateReply
from models.people import Identity, Person
from settings import DataKey
from tests.support import APP_ID

OLD, NEW = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
BEFORE, DURING, AFTER = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])


def name_of(number: int) -> str:
    return f"王素梅{number}"


def phone_of(number: int) -> str:
    return f"138{number:08}"


def id_number_of(number: int) -> str:
    return f"37150219880101{number:04}"


def openid_of(number: int) -> str:
    return f"o{number:027}"


def make_person(vault: Vault, number: int, id: UUID | None = None) -> Person:
    id = id or new_id()
    columns = seal_columns(
        *(vault, Person, id),
        name=name_of(number),
        # Now and then one has no phone.
        phone=phone_of(number) if number % 7 else None,
        id_number=id_number_of(number),
    )
    return Person(id=id, source="bound", created_at=local_now(), **columns)


def make_identity(vault: Vault, number: int) -> Identity:
    id = new_id()
    columns = seal_columns(vault, Identity, id, openid=openid_of(number))
    return Identity(id=id, account="mini", created_at=local_now(), **columns)


def make_employer(vault: Vault, number: int) -> Employer:
    id = new_id()
    columns = seal_columns(vault, Employer, id, phone=phone_of(number))
    return Employer(
        id=id,
        name="某公司",
        uscc=f"{number:018}",
        county="371502",
        created_at=local_now(),
        **columns,
    )


def sender_of(vault: Vault, number: int) -> bytes:
    return vault.index(name_sender(APP_ID, openid_of(number)), SENDER_PURPOSE)


def key_of(vault: Vault, number: int) -> bytes:
    return vault.index(str(number), "message")


def make_follower(vault: Vault, number: int) -> Follower:
    sender = sender_of(vault, number)
    openid = openid_of(number).encode()
    sealed = vault.seal(openid, FOLLOWER_OPENID_PLACE, sender)
    return Follower(sender=sender, openid_sealed=sealed, followed_at=local_now())


def make_message(vault: Vault, number: int) -> InboundMessage:
    key = key_of(vault, number)
    # Events have no text.
    said = vault.seal(f"第{number}句".encode(), TEXT_PLACE, key) if number % 5 else None
    return InboundMessage(
        key=key,
        sender=sender_of(vault, number),
        received_at=local_now(),
        kind="text",
        outcome="policy",
        text_sealed=said,
    )


def make_dialogue(vault: Vault, number: int) -> Dialogue:
    sender = sender_of(vault, number)
    state = vault.seal(f"state {number}".encode(), STATE_PLACE, sender)
    return Dialogue(
        sender=sender,
        name="enrol",
        state_sealed=state if number % 3 else None,
        expires_at=local_now() + timedelta(days=1),
        last_key=key_of(vault, number),
        last_reply_sealed=vault.seal(b"reply", LAST_REPLY_PLACE, sender),
    )


def make_late_reply(vault: Vault, number: int) -> LateReply:
    key = key_of(vault, number)
    return LateReply(
        message_key=key,
        sender=sender_of(vault, number),
        openid_sealed=vault.seal(openid_of(number).encode(), LATE_OPENID_PLACE, key),
        text_sealed=vault.seal(b"late", LATE_TEXT_PLACE, key),
        opened_by="message",
        opened_at=local_now(),
    )


async def fill(vault: Vault, rows: int) -> int:
    """About `rows` rows over all tables; answers how many."""
    shares: tuple[tuple[Callable[[Vault, int], object], int], ...] = (
        (make_person, rows // 2),
        (make_message, rows // 4),
        (make_follower, rows // 10),
        (make_identity, rows // 20),
        (make_late_reply, rows // 20),
        (make_employer, rows // 40),
        (make_dialogue, rows // 40),
    )
    for make, number in shares:
        made = [make(vault, each) for each in range(number)]
        await type(made[0]).bulk_create(made, batch_size=500)  # type: ignore[attr-defined]
    return sum(number for _, number in shares)


async def read_person(vault: Vault, number: int) -> bool:
    """Whether the person is found by their ID and all that is sealed opens to what it was."""
    people = await Person.filter(match_index(vault, Person, "id_number", id_number_of(number)))
    return [
        (open_field(vault, person, "name"), open_field(vault, person, "id_number"))
        for person in people
    ] == [(name_of(number), id_number_of(number))]


async def find_faults(vault: Vault, rows: int) -> list[str]:
    """Rows of `fill` that are not found, or hold something else, or do not open. Raises
    SealBroken. The official account's indexes are `DURING`'s."""
    faults = []
    checks: tuple[tuple[str, int, Callable[[int], Awaitable[bool]]], ...] = (
        ("person", rows // 2, lambda number: read_person(vault, number)),
        ("message", rows // 4, lambda number: _read_message(vault, number)),
        ("follower", rows // 10, lambda number: _read_follower(vault, number)),
        ("late reply", rows // 20, lambda number: _read_late_reply(vault, number)),
        ("dialogue", rows // 40, lambda number: _read_dialogue(vault, number)),
        ("employer", rows // 40, lambda number: _read_employer(vault, number)),
    )
    for name, number, check in checks:
        faults += [f"{name} {each}" for each in range(number) if not await check(each)]
    return faults


async def _read_message(vault: Vault, number: int) -> bool:
    key = key_of(BEFORE, number)
    row = await InboundMessage.get(key=key)
    if row.text_sealed is None:
        return number % 5 == 0
    return vault.open(row.text_sealed, TEXT_PLACE, key).decode() == f"第{number}句"


async def _read_follower(vault: Vault, number: int) -> bool:
    sender = sender_of(BEFORE, number)
    row = await Follower.get(sender=sender)
    opened = vault.open(row.openid_sealed, FOLLOWER_OPENID_PLACE, sender)
    return opened.decode() == openid_of(number)


async def _read_late_reply(vault: Vault, number: int) -> bool:
    key = key_of(BEFORE, number)
    row = await LateReply.get(message_key=key)
    opened = vault.open(row.openid_sealed, LATE_OPENID_PLACE, key)
    said = vault.open(row.text_sealed, LATE_TEXT_PLACE, key)
    return (opened.decode(), said) == (openid_of(number), b"late")


async def _read_dialogue(vault: Vault, number: int) -> bool:
    sender = sender_of(BEFORE, number)
    row = await Dialogue.get(sender=sender)
    assert row.last_reply_sealed is not None
    if vault.open(row.last_reply_sealed, LAST_REPLY_PLACE, sender) != b"reply":
        return False
    if row.state_sealed is None:
        return number % 3 == 0
    return vault.open(row.state_sealed, STATE_PLACE, sender) == f"state {number}".encode()


async def _read_employer(vault: Vault, number: int) -> bool:
    row = await Employer.get(match_index(vault, Employer, "phone", phone_of(number)))
    return (row.uscc, open_field(vault, row, "phone")) == (f"{number:018}", phone_of(number))
