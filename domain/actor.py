"""Who acts. Every action is told, first of all, and asks domain/permissions.py.

The ids are ours and say nothing to anybody else: rows of our tables, or a blind index
(domain.vault). What an actor is called, and how they have shown who they are, is the door's.
"""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar
from uuid import UUID


class Role(Enum):
    """In which capacity one acts; domain/permissions.py says what each may."""

    VISITOR = "visitor"
    TRAINEE = "trainee"
    EMPLOYER_CONTACT = "employer_contact"
    #: A training institution's own people (培训机构).
    INSTITUTION = "institution"
    #: The citizens' hotline (12345) and the consulting line (12333).
    HOTLINE = "hotline"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"
    #: Sets up staff and looks at everything (主管).
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    AUDITOR = "auditor"
    #: A third party that inspects (P33-3.3).
    INSPECTOR = "inspector"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on WeChat whom the service does not know by name."""

    role: ClassVar[Role] = Role.VISITOR
    #: In the official account the blind index of the openid, in the mini-program the id of the
    #: identity (models.people), which outlives every key: 16 bytes of ours in either case.
    sender: bytes

    @property
    def key(self) -> str:
        """One string for each actor: what limits count by and the audit log names."""
        return f"visitor {self.sender.hex()}"

    @property
    def owns(self) -> frozenset[UUID]:
        """Whose things are this actor's own."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Trainee:
    """A person bound by real name (实名)."""

    role: ClassVar[Role] = Role.TRAINEE
    id: UUID

    @property
    def key(self) -> str:
        """As Visitor.key."""
        return f"person {self.id}"

    @property
    def owns(self) -> frozenset[UUID]:
        """The person's own."""
        return frozenset({self.id})


@dataclass(frozen=True, slots=True)
class EmployerContact:
    """A person who acts for a firm; what is the person's own is not touched in this capacity."""

    role: ClassVar[Role] = Role.EMPLOYER_CONTACT
    id: UUID
    employer: UUID

    @property
    def key(self) -> str:
        """As Visitor.key. The same as the trainee's: one person, however they act."""
        return f"person {self.id}"

    @property
    def owns(self) -> frozenset[UUID]:
        """The firm's."""
        return frozenset({self.employer})


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody with an account of the console, in one of its roles.

    `county` is the code of the county that a county's officer is confined to, `institution` the
    one that its own people act for.
    """

    id: UUID
    role: Role
    county: str | None = None
    institution: UUID | None = None

    def __post_init__(self) -> None:
        if self.role not in STAFF_ROLES:
            raise ValueError(f"{self.role.value} is no role of the console")

    @property
    def key(self) -> str:
        """As Visitor.key."""
        return f"staff {self.id}"

    @property
    def owns(self) -> frozenset[UUID]:
        """What is assigned to the account itself, and the institution's."""
        return frozenset({self.id, self.institution} - {None})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class System:
    """The service itself, by the name of the job, command or seeding that acts."""

    role: ClassVar[Role] = Role.SYSTEM
    name: str

    @property
    def key(self) -> str:
        """As Visitor.key."""
        return f"system {self.name}"

    @property
    def owns(self) -> frozenset[UUID]:
        """Nothing is its own."""
        return frozenset()


Actor = Visitor | Trainee | EmployerContact | Staff | System

#: The roles of accounts of the console.
STAFF_ROLES = frozenset(Role) - {
    *(Role.VISITOR, Role.TRAINEE, Role.EMPLOYER_CONTACT, Role.SYSTEM),
}
