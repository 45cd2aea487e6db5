"""From a message's fields to what a person has said: words, a tap, media, a place, a command."""

from collections.abc import Mapping

from bot.talks.contract import Command, Media, Place, Said
from bot.wire.inbound import Inbound

#: Keys of content/texts/bot.yaml with the words of each command.
_WORDS_OF: dict[str, Command] = {
    "bot.cancel_words": "cancel",
    "bot.back_words": "back",
    "bot.restart_words": "restart",
    "bot.go_on_words": "go_on",
}
#: What a voice message ends in.
_AROUND = " 。.！!～~"
#: No command is longer.
_MOST_COMMAND = 12
_MEDIA = frozenset({"image", "voice", "video", "shortvideo", "file"})


def hear(inbound: Inbound, texts: Mapping[str, str]) -> Said:
    """What the message says to a talk."""
    if inbound.type == "event":
        return Said(
            tapped=inbound.text("EventKey") if inbound.event == "click" else "",
            scanned=inbound.scanned,
        )
    words = inbound.text("Recognition" if inbound.type == "voice" else "Content") or None
    return Said(
        words=words,
        tapped=inbound.text("bizmsgmenuid"),
        media=_read_media(inbound),
        place=_read_place(inbound),
        command=None if words is None else read_command(words, texts),
    )


def read_command(words: str, texts: Mapping[str, str]) -> Command | None:
    """The command that the words are, None where they are anything else."""
    if len(words) > _MOST_COMMAND:
        return None
    bare = words.strip(_AROUND)
    for key, command in _WORDS_OF.items():
        if bare in texts[key].split():
            return command
    return None


def _read_media(inbound: Inbound) -> Media | None:
    return Media(inbound.type, inbound.text("MediaId")) if inbound.type in _MEDIA else None


def _read_place(inbound: Inbound) -> Place | None:
    if inbound.type != "location":
        return None
    try:
        latitude, longitude = float(inbound.text("Location_X")), float(inbound.text("Location_Y"))
    except ValueError:
        return None
    return Place(latitude, longitude, inbound.text("Label"))
