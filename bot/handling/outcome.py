"""What has become of a message: the plan as it was carried out, and what is left of a talk."""

from dataclasses import dataclass

from bot.dispatch import Plan


@dataclass(frozen=True, slots=True)
class Outcome:
    """`plan` says what is told and recorded.

    left: what Redis shall know of the person's talk (bot/ledger/contract.py), for `seconds`.
    private: nothing that was said is recorded, and the reply is kept for ten minutes only.
    moved: the talk may have; False where it surely is as it was, or none was and is open.
    """

    plan: Plan
    left: bytes
    seconds: int
    private: bool
    moved: bool = True
