"""The way in, step by step: a password, a code, and what is still to be set up.

Nobody acts here yet, so these are no actions: each is given the token of the step before. Between
the steps stands a session that is good for the next step and for nothing else. An account that
is not there, one that is disabled and a wrong password look alike, and take as long.
"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import System
from domain.audit.log import record
from domain.audit.rules import Facts
from domain.errors import DomainError
from domain.sealed import open_field, seal_field
from domain.staff.attempts import Place, Tried, count_try, forget_tries, take_try_back
from domain.staff.browsers import Whence, place_of
from domain.staff.rules import MOST_CODES, Step, next_step, normalise_username, require_password
from domain.staff.second_factor import find_step, new_secret
from domain.staff.sessions import actor_of, begin_session, find_session, may_sign_in
from domain.staff.tools import StaffTools
from models.staff import StaffAccount, StaffSession
from models.transactions import transaction


@dataclass(frozen=True, slots=True)
class Entered:
    """One step done: the cookie's new token, and what comes next."""

    token: str
    step: Step
    username: str


async def enter_password(
    tools: StaffTools, *, username: str, password: str, whence: Whence, device: str, now: datetime
) -> Entered:
    """The first step.

    Raises DomainError sign_in_failed, sign_in_paused, slow_down, temporary_password_expired.
    """
    name = normalise_username(username)
    # What no account can be called is counted together: there are no end of such names.
    account = await StaffAccount.get_or_none(username=name) if name else None
    place = place_of(tools.vault, name, whence, now)
    pauses = await count_try(tools.vault, name, place, "password", now)
    hash = account.password_hash if account is not None else None
    right = await tools.hasher.matches(hash, password)
    if account is None or not right or not may_sign_in(account, tools):
        if pauses and account is not None:
            await _note_pause(account, place, "password", now)
        raise DomainError("sign_in_failed")
    if account.temporary_until is not None and now >= account.temporary_until:
        raise DomainError("temporary_password_expired")
    await take_try_back(tools.vault, name, place, "password")
    renewed = None
    if tools.hasher.is_outdated(account.password_hash):
        renewed = await tools.hasher.hash(password)
    async with transaction() as connection:
        account = await _lock_account(connection, account)
        if account.password_hash != hash or not may_sign_in(account, tools):
            # Changed while we looked.
            raise DomainError("sign_in_failed")
        if renewed is not None:
            account.password_hash = renewed
            await account.save(using_db=connection, update_fields=["password_hash"])
        return await _go_on(
            connection, tools, account, code_passed=False, device=device, place=place, now=now
        )


async def enter_code(
    tools: StaffTools, *, token: str, code: str, whence: Whence, now: datetime
) -> Entered:
    """The code of the second factor.

    Raises DomainError sign_in_again, second_factor_wrong, sign_in_paused.
    """
    session = await _require_session(tools, token, Step.CODE, now)
    name = session.account.username
    place = place_of(tools.vault, name, whence, now)
    pauses = await count_try(tools.vault, name, place, "code", now)
    async with transaction() as connection:
        account = await _lock_account(connection, session.account)
        session = await _require_session(tools, token, Step.CODE, now, connection)
        step = find_step(open_field(tools.vault, account, "totp"), code, now)
        if step is not None and step > account.totp_step:
            account.totp_step = step
            await account.save(using_db=connection, update_fields=["totp_step"])
            await session.delete(using_db=connection)
            entered = await _go_on(
                connection,
                tools,
                account,
                code_passed=True,
                device=session.device,
                place=place,
                now=now,
            )
        else:
            entered = None
            session.codes_failed += 1
            if session.codes_failed >= MOST_CODES:
                await session.delete(using_db=connection)
            else:
                await session.save(using_db=connection, update_fields=["codes_failed"])
    if entered is not None:
        await take_try_back(tools.vault, name, place, "code")
        return entered
    if pauses:
        await _note_pause(account, place, "code", now)
    if session.codes_failed >= MOST_CODES:
        raise DomainError("sign_in_again", about="codes")
    if step is not None:
        raise DomainError("second_factor_wrong", about="used", field="code")
    raise DomainError("second_factor_wrong", field="code")


async def replace_temporary_password(
    tools: StaffTools, *, token: str, password: str, whence: Whence, now: datetime
) -> Entered:
    """A password of one's own in place of the temporary one.

    Raises DomainError sign_in_again, password_… (rules.require_password), password_same.
    """
    session = await _require_session(tools, token, Step.NEW_PASSWORD, now)
    account = session.account
    place = place_of(tools.vault, account.username, whence, now)
    about = [account.username, open_field(tools.vault, account, "name")]
    require_password(password, about)
    if await tools.hasher.matches(account.password_hash, password):
        raise DomainError("password_same", field="password")
    hash = await tools.hasher.hash(password)
    async with transaction() as connection:
        account = await _lock_account(connection, account)
        session = await _require_session(tools, token, Step.NEW_PASSWORD, now, connection)
        account.password_hash, account.password_set_at = hash, now
        account.temporary_until = None
        await account.save(
            using_db=connection,
            update_fields=["password_hash", "password_set_at", "temporary_until"],
        )
        # Whoever else came in by the temporary password is out.
        await StaffSession.filter(account_id=account.id).using_db(connection).delete()
        await record(
            connection,
            actor_of(account),
            "staff.change_password",
            about=("staff", account.id),
            now=now,
        )
        return await _go_on(
            connection,
            tools,
            account,
            code_passed=session.code_passed,
            device=session.device,
            place=place,
            now=now,
        )


async def offer_second_factor(tools: StaffTools, *, token: str, now: datetime) -> tuple[str, str]:
    """(secret, user name) to be put into an authenticator; the same until it is set up.

    Raises DomainError sign_in_again.
    """
    async with transaction() as connection:
        session = await _require_session(tools, token, Step.SECOND_FACTOR, now, connection)
        locked = StaffSession.filter(id=session.id).using_db(connection).select_for_update()
        row = await locked.first()
        if row is None:
            raise DomainError("sign_in_again")
        if row.totp_sealed is None:
            row.totp_sealed = seal_field(tools.vault, StaffSession, "totp", row.id, new_secret())
            await row.save(using_db=connection, update_fields=["totp_sealed"])
    return open_field(tools.vault, row, "totp"), session.account.username


async def set_up_second_factor(
    tools: StaffTools, *, token: str, code: str, whence: Whence, now: datetime
) -> Entered:
    """The first code of the authenticator shows that it holds the secret.

    Raises DomainError sign_in_again, second_factor_wrong.
    """
    async with transaction() as connection:
        session = await _require_session(tools, token, Step.SECOND_FACTOR, now, connection)
        account = await _lock_account(connection, session.account)
        if session.totp_sealed is None or account.totp_sealed is not None:
            raise DomainError("sign_in_again")
        place = place_of(tools.vault, account.username, whence, now)
        secret = open_field(tools.vault, session, "totp")
        step = find_step(secret, code, now)
        if step is None:
            raise DomainError("second_factor_wrong", field="code")
        account.totp_sealed = seal_field(tools.vault, StaffAccount, "totp", account.id, secret)
        account.totp_step = step
        await account.save(using_db=connection, update_fields=["totp_sealed", "totp_step"])
        await session.delete(using_db=connection)
        await record(
            connection,
            actor_of(account),
            "staff.set_second_factor",
            about=("staff", account.id),
            now=now,
        )
        return await _go_on(
            connection,
            tools,
            account,
            code_passed=True,
            device=session.device,
            place=place,
            now=now,
        )


async def find_step_of(tools: StaffTools, token: str, now: datetime) -> Step | None:
    """What comes next for who holds `token`; None where they begin anew."""
    session = await find_session(token, now)
    if session is None or not may_sign_in(session.account, tools):
        return None
    return _step_of(tools, session)


async def _go_on(
    connection: BaseDBAsyncClient,
    tools: StaffTools,
    account: StaffAccount,
    *,
    code_passed: bool,
    device: str,
    place: Place,
    now: datetime,
) -> Entered:
    step = next_step(
        exempt=account.demo and tools.sandbox,
        enrolled=account.totp_sealed is not None,
        code_passed=code_passed,
        temporary=account.temporary_until is not None,
    )
    complete = step is Step.DONE
    token = await begin_session(
        connection, account, complete=complete, code_passed=code_passed, device=device, now=now
    )
    if complete:
        await record(
            connection, actor_of(account), "session.begin", about=("staff", account.id), now=now
        )
        await forget_tries(tools.vault, account.username, place)
    return Entered(token, step, account.username)


def _step_of(tools: StaffTools, session: StaffSession) -> Step:
    account = session.account
    if session.complete:
        return Step.DONE
    return next_step(
        exempt=account.demo and tools.sandbox,
        enrolled=account.totp_sealed is not None,
        code_passed=session.code_passed,
        temporary=account.temporary_until is not None,
    )


async def _require_session(
    tools: StaffTools,
    token: str,
    step: Step,
    now: datetime,
    connection: BaseDBAsyncClient | None = None,
) -> StaffSession:
    session = await find_session(token, now, connection)
    if (
        session is None
        or not may_sign_in(session.account, tools)
        or _step_of(tools, session) is not step
    ):
        raise DomainError("sign_in_again")
    return session


async def _lock_account(connection: BaseDBAsyncClient, account: StaffAccount) -> StaffAccount:
    rows = StaffAccount.filter(id=account.id).using_db(connection).select_for_update()
    locked = await rows.first()
    assert locked is not None  # Accounts are never deleted.
    return locked


async def _note_pause(account: StaffAccount, place: Place, tried: Tried, now: datetime) -> None:
    """A wrong try that begins a pause is written down; not each wrong one, of which anybody can
    make as many as they like."""
    async with transaction() as connection:
        facts: Facts = {"tried": tried, "known_browser": place.known}
        await record(
            connection,
            System("sign in"),
            "staff.pause_sign_in",
            about=("staff", account.id),
            facts=facts,
            now=now,
        )
