from web.access import Access, access_of, allow


@allow(Access.ANYONE)
async def marked(_request): ...


async def unmarked(_request): ...


class Unmarked:
    async def get(self): ...


@allow(Access.SIGNED_IN)
class Mixed:
    async def get(self): ...

    @allow(Access.STAFF)
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
    assert access_of(allow(Access.STAFF)(Unmarked)) is Access.STAFF
