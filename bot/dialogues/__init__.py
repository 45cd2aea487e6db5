"""One file for each talk of several turns.

A dialogue's state is a small JSON object whose "dialogue" names it. Each module has
`resume(state, said)`, which answers what the person has chosen, or None where what was said is
none of its business; the dialogue is then over and the words are taken for a new question.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogues import clarify

State = Mapping[str, Any]

#: Every dialogue by name.
RESUME: Mapping[str, Callable[[State, str], str | None]] = {clarify.NAME: clarify.resume}
