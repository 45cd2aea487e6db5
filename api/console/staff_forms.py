"""What is asked of an account of the console: its post, and what was lost."""

from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.page import ROLE_NAMES
from api.console.places import county_names
from domain.actor import Role
from domain.staff import queries
from domain.staff.rules import Post

ROLES = {role.value: name for role, name in ROLE_NAMES.items()}
LOST = {"password": "密码", "second_factor": "两步验证", "both": "密码和两步验证"}
#: So many choices stand open (templates/form.html.j2); more are a list.
_MOST_OPEN = 5

RESET = (
    fields.Choice(name="what", label="丢了什么", options=LOST),
    fields.Text(
        name="reason",
        label="您怎么确认是他本人",
        help="比如：当面核对过工作证，打过他登记的电话。确认的人会看到。",
        lines=3,
        most=300,
    ),
)


async def fields_of_post(request: web.Request) -> tuple[fields.Field, ...]:
    """A role, and where it is held."""
    institutions = {str(id): name for id, name in (await queries.name_institutions()).items()}
    if len(institutions) < _MOST_OPEN:
        # They stand open, and what was chosen there can only be changed, not taken back.
        institutions = {"": "不是培训机构", **institutions}
    return (
        fields.Choice(name="role", label="角色", options=ROLES),
        fields.Choice(
            name="county",
            label="县区",
            help="县级经办要选；培训机构的跟着机构走，不用选。",
            options=county_names(request),
            required=False,
        ),
        fields.Choice(
            name="institution",
            label="培训机构",
            help="只有培训机构的账号才选。",
            options=institutions,
            required=False,
        ),
    )


async def fields_of_new(request: web.Request) -> tuple[fields.Field, ...]:
    """A new account."""
    return (
        fields.Text(
            name="username", label="用户名", help="小写字母、数字、点，比如 wang.min。", most=64
        ),
        fields.Text(name="name", label="同事怎么称呼", most=40),
        *await fields_of_post(request),
    )


def read_post(form: Form) -> Post:
    """What `fields_of_post` asks."""
    institution = form.optional_text("institution")
    return Post(
        Role(form.text("role")),
        form.text("county"),
        None if institution is None else UUID(institution),
    )
