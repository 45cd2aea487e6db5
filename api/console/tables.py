"""A table of a list: its columns, the order one may choose, one page of rows and the way on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import web

from api.console.filters import Filters
from api.console.ground import ground_of
from api.paging import decode_position, encode_position
from domain.paging import Page, Position
from web.access import ACTOR

Row = TypeVar("Row")

#: Rows of one page: what one scrolls through without losing the way.
PAGE_ROWS = 50
CURSOR = "cursor"
SORT = "sort"


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column. What `value` gives is written by shown.show: a date, Money, State, number …"""

    title: str
    value: Callable[[Row], object]
    #: Numbers and amounts stand at the right, digit under digit.
    number: bool = False
    #: The name under which Sorting knows this order; "" where there is no index for one.
    sort: str = ""
    #: Left out on a phone, for it can be done without.
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """What is said where there is nothing: what this list is for, and what to do."""

    title: str = "这里还没有记录"
    detail: str = ""
    #: (words, path) of what fills the list.
    action: tuple[str, str] | None = None


class Sorting:
    """The orders that a list may have, each an index, and the one that the URL names."""

    def __init__(self, orders: Mapping[str, str], chosen: str) -> None:
        self._orders = orders
        #: A name, with "-" in front for the other direction.
        self.chosen = chosen

    @classmethod
    def from_query(
        cls, query: Mapping[str, str], orders: Mapping[str, str], default: str
    ) -> "Sorting":
        """`orders` maps a name in the URL to a field of the model; `default` is what `chosen` is
        where the URL names none of them."""
        wanted = query.get(SORT, "")
        known = wanted.removeprefix("-") in orders
        return cls(orders, wanted if known else default)

    @property
    def order(self) -> tuple[str, ...]:
        """For domain.paging.after."""
        name = self.chosen.removeprefix("-")
        return (("-" if self.descending else "") + self._orders[name],)

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.chosen.startswith("-")

    def direction_of(self, name: str) -> str:
        """For aria-sort: ascending, descending, or none."""
        if name != self.chosen.removeprefix("-"):
            return "none"
        return "descending" if self.descending else "ascending"

    def turned(self, name: str) -> str:
        """What a click on the head of `name` chooses."""
        return f"-{name}" if self.chosen == name else name


class Pager:
    """Where in a list the page stands, and the cursor of the next one.

    A cursor opens for the same list, filters, order and account alone (api/paging.py).
    """

    def __init__(self, request: web.Request, of: str) -> None:
        self._vault = ground_of(request).vault
        self._of = f"{of} for {request[ACTOR].key}"
        cursor = request.query.get(CURSOR, "")
        self.position: Position | None = decode_position(self._vault, cursor, self._of)
        self.first = not cursor
        self.limit = PAGE_ROWS
        #: The cursor behind the last row shown; None at the end of the list.
        self.next: str | None = None

    def turn(self, position: Position | None) -> None:
        """Take note of where the page ended (domain.paging.Page.position)."""
        self.next = encode_position(self._vault, position, self._of)


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """What templates/table.html.j2 draws."""

    #: What the rows are, for who does not see the page: 机构.
    caption: str
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    #: The page of a row; a click anywhere on the row opens it.
    link: Callable[[Row], str] | None = None
    empty: Empty = field(default_factory=Empty)
    filters: Filters | None = None
    sorting: Sorting | None = None
    pager: Pager | None = None
    #: Where the list itself lives, for its links.
    path: str = ""

    def query(self, **more: str) -> str:
        """The address of this list with its filters and order, and `more`."""
        kept = {SORT: self.sorting.chosen} if self.sorting is not None else {}
        wanted = kept | more
        if self.filters is not None:
            return f"{self.path}?{self.filters.query(**wanted)}"
        return f"{self.path}?{Filters((), {}).query(**wanted)}"


class Listing:
    """A list out of PostgreSQL as its handler sees it: filters, order and place out of the URL.

    listing = Listing(request, "institutions", FILTERS, {"name": "pinyin"}, "name")
    page = await list_institutions(request[ACTOR], …, listing.order, listing.position, …)
    return render(request, "institutions/list", table=listing.show(page, "机构", COLUMNS, …))
    """

    def __init__(
        self,
        request: web.Request,
        name: str,
        filters: Filters,
        orders: Mapping[str, str] | None = None,
        default: str = "",
    ) -> None:
        """`orders` and `default` as in Sorting.from_query; None where the list has one order."""
        self.filters = filters
        self.sorting = (
            None if orders is None else Sorting.from_query(request.query, orders, default)
        )
        chosen = "" if self.sorting is None else self.sorting.chosen
        self.pager = Pager(request, f"{name} {filters.query()} by {chosen}")
        self._path = request.path

    @property
    def order(self) -> tuple[str, ...]:
        """For domain.paging.after."""
        return () if self.sorting is None else self.sorting.order

    @property
    def position(self) -> Position | None:
        """Behind which row the page begins."""
        return self.pager.position

    @property
    def limit(self) -> int:
        """How many rows a page has."""
        return self.pager.limit

    def show(
        self,
        page: Page[Row],
        caption: str,
        columns: Sequence[Column[Row]],
        *,
        link: Callable[[Row], str] | None = None,
        empty: Empty | None = None,
    ) -> Table[Row]:
        """The table of `page`."""
        self.pager.turn(page.position)
        return Table(
            caption,
            columns,
            page.rows,
            link,
            empty or Empty(),
            self.filters,
            self.sorting,
            self.pager,
            self._path,
        )
