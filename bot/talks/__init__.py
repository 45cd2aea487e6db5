"""One file for each talk of several turns, and what a talk is (bot/talks/contract.py)."""

from bot.talks.bind import Bind
from bot.talks.check_in import CheckIn
from bot.talks.clarify import Clarify
from bot.talks.contract import Talk
from bot.talks.enrol import Enrol
from bot.talks.institution_lookup import InstitutionLookup

#: Every talk by name. A service is a talk where its intent stands here.
TALKS: dict[str, Talk] = {
    talk.name: talk for talk in (Bind(), CheckIn(), Clarify(), Enrol(), InstitutionLookup())
}
