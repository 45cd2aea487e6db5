"""The rooms of bot/ and sandbox/: which may know of which, and that each says what it holds."""

import ast

from tests.test_architecture import ROOT, imports_of

#: Modules of the same part that each room may import, beside its own.
MAY_IMPORT = {
    "bot/wire": set(),
    "bot/records": set(),
    "bot/ledger": {"bot.records"},
    "bot/talks": {"bot.refusals", "bot.replies", "bot.taps", "bot.wire"},
    "bot/handling": {"bot.dispatch", "bot.ledger", "bot.replies", "bot.talks", "bot.wire"},
    "sandbox/callback": set(),
    "sandbox/platform": set(),
    "sandbox/phone": {"sandbox.callback", "sandbox.platform"},
}


def test_rooms_know_of_others_one_way() -> None:
    """What is lower in the house knows nothing of who uses it."""
    broken = []
    for room, others in MAY_IMPORT.items():
        allowed = {room.replace("/", "."), *others}
        for file in sorted((ROOT / room).rglob("*.py")):
            broken += [
                f"{file.relative_to(ROOT)}:{line} {room} may not import {module}"
                for line, module in imports_of(file)
                if module.split(".")[0] == room.split("/")[0]
                and ".".join(module.split(".")[:2]) not in allowed
            ]
    assert not broken, "\n" + "\n".join(broken)


def test_every_room_says_what_it_holds() -> None:
    parts = [ROOT / "bot", ROOT / "sandbox"]
    rooms = {file.parent for part in parts for file in part.rglob("*.py")}
    assert rooms == {*parts, *(ROOT / room for room in MAY_IMPORT)}
    for room in sorted(rooms):
        opening = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(opening), f"{room.relative_to(ROOT)}/__init__.py says nothing"
