"""How the embedded servers say that they cannot start: one line for the operator."""


class EmbeddedError(Exception):
    """The servers cannot run; `str()` is what to print, `exit_code` how the command ends."""

    exit_code = 1


class AlreadyRunningError(EmbeddedError):
    """Another supervisor holds this data folder."""

    exit_code = 2
