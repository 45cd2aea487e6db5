"""`POST /api/v1/phone`, `/identity`: who somebody is, by phone and by name."""

from typing import Annotated

from aiohttp_pydantic.oas.typing import r200
from pydantic import Field

from api.limits import BINDINGS, PHONES
from api.login import Code
from api.refusals import refuses
from api.sessions import SESSION, SESSIONS
from api.tools import TOOLS
from api.views import Shape, View, send
from domain.people.binding import bind_identity
from domain.people.phone import keep_phone
from domain.people.platform import exchange_phone_code
from domain.people.rules import MOST_WRITTEN, mask_id_number, mask_name, mask_phone
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited

Written = Annotated[str, Field(min_length=1, max_length=MOST_WRITTEN)]


class PhoneCode(Shape):
    code: Code


class KeptPhone(Shape):
    phone: str
    is_persons: bool


class Claim(Shape):
    name: Written
    id_number: Written
    consent: Annotated[str, Field(min_length=1, max_length=32)]


class BoundIdentity(Shape):
    bound: bool
    name: str
    id_number: str
    moved: bool
    joined: bool


@allow(Access.SIGNED_IN)
class PhoneView(View):
    @limited(PHONES)
    @body(most_bytes=4096, seconds=5)
    @refuses("code_spent", "phone_wrong")
    async def post(self, given: PhoneCode) -> r200[KeptPhone]:
        tools, session = self.request.app[TOOLS], self.request[SESSION]
        phone = await exchange_phone_code(tools.mini_program, given.code)
        is_persons = await keep_phone(
            self.request[ACTOR],
            tools.vault,
            identity=session.identity,
            phone=phone,
            now=tools.clock(),
        )
        return send(KeptPhone(phone=mask_phone(phone), is_persons=is_persons))


@allow(Access.SIGNED_IN)
class IdentityView(View):
    @limited(*BINDINGS)
    @body(most_bytes=4096, seconds=5)
    @refuses(
        "id_number_wrong",
        "name_wrong",
        "consent_outdated",
        "identity_taken",
        "identity_bound",
        "identity_name_differs",
    )
    async def post(self, claim: Claim) -> r200[BoundIdentity]:
        tools, session = self.request.app[TOOLS], self.request[SESSION]
        content = tools.content()
        bound = await bind_identity(
            self.request[ACTOR],
            tools.vault,
            content.privacy,
            identity=session.identity,
            name=claim.name,
            id_number=claim.id_number,
            consent=claim.consent,
            counties=[county.code for county in content.counties],
            now=tools.clock(),
        )
        await self.request.app[SESSIONS].forget(bound.stale)
        return send(
            BoundIdentity(
                bound=True,
                name=mask_name(bound.name),
                id_number=mask_id_number(bound.id_number),
                moved=bound.moved,
                joined=bound.joined is not None,
            )
        )
