import pytest

from domain.permissions import Permission
from web.access import Access, access_of, allow, permissions_of


@allow(Access.ANYONE)
async def marked(_request): ...


async def unmarked(_request): ...


class Unmarked:
    async def get(self): ...


@allow(Access.SIGNED_IN)
class Mixed:
    async def get(self): ...

    @allow(Access.STAFF, Permission.SEE_ROSTER)
    async def post(self): ...


class HalfMarked:
    @allow(Access.ANYONE)
    async def get(self): ...

    async def post(self): ...


def test_a_function_has_its_own_mark():
    assert access_of(marked) is Access.ANYONE
    assert access_of(marked, "POST") is Access.ANYONE
    assert access_of(unmarked) is None


def test_a_methods_mark_counts_before_its_classs():
    assert access_of(Mixed, "GET") is Access.SIGNED_IN
    assert access_of(Mixed, "POST") is Access.STAFF
    assert access_of(Unmarked, "GET") is None


def test_a_class_has_one_mark_only_where_all_its_methods_agree():
    assert access_of(Mixed) is None
    assert access_of(HalfMarked) is None
    assert access_of(HalfMarked, "GET") is Access.ANYONE
    assert access_of(HalfMarked, "POST") is None
    assert access_of(allow(Access.STAFF, Permission.USE_CONSOLE)(Unmarked)) is Access.STAFF


def test_a_mark_names_permissions():
    assert permissions_of(Mixed, "POST") == (Permission.SEE_ROSTER,)
    assert permissions_of(Mixed, "GET") == ()
    assert permissions_of(marked, "GET") == ()
    assert permissions_of(unmarked, "GET") == ()


def test_an_account_of_the_console_is_no_permission():
    with pytest.raises(ValueError, match="STAFF"):
        allow(Access.STAFF)


def test_nobody_is_asked_for_a_permission_who_is_not_known():
    with pytest.raises(ValueError, match="ANYONE"):
        allow(Access.ANYONE, Permission.ENROL)
