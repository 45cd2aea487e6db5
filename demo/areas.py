"""The areas of the demo, in the order in which they are seeded: later ones may need earlier ones.

A new area is a module here with a class as below, a line in AREAS, and its keys in
`demo.file.SHAPE` if checks outside are to find them.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from demo.check_ins import CheckIns
from demo.classes import Classes
from demo.employers import Employers
from demo.institutions import Institutions
from demo.people import People
from demo.platform import Platform
from demo.staff import Staff
from demo.world import World


class Area(Protocol):
    """One part of the world; both are called at every start, with the models open."""

    #: What it is called while people wait for it.
    title: str

    async def seed(self, world: World) -> None:
        """Make what is not there yet, through the area's own actions.

        What was seeded before stays as it is now, whatever people have done to it since; what
        must be fresh (a session that is open) is made anew.
        """

    async def describe(self, world: World) -> Mapping[str, object]:
        """Its part of demo.json: some keys of demo.file.SHAPE, as the database has them."""


AREAS: Sequence[Area] = (
    Platform(),
    People(),
    Institutions(),
    Employers(),
    Classes(),
    Staff(),
    CheckIns(),
)
