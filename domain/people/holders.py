"""The areas that hold something of people, in the order in which a person reads of it."""

from collections.abc import Sequence

from domain.people.holdings import Holder
from domain.people.own_holdings import OfficialAccountMessages, OwnRecords

#: A later area adds its own.
HOLDERS: Sequence[Holder] = (OwnRecords(), OfficialAccountMessages())
