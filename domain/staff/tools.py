"""What the area works with, given once by the composition root."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from domain.staff.passwords import Hasher
from domain.vault import Vault


@dataclass(frozen=True, slots=True)
class StaffTools:
    """Handed to sign-ins and actions.

    counties: the codes of content/counties.yaml as they are now.
    sandbox: accounts of the demo sign in, and without a second factor; elsewhere they never do.
    """

    vault: Vault
    hasher: Hasher
    counties: Callable[[], Collection[str]]
    sandbox: bool
