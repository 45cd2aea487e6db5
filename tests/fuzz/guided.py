"""Fuzzing by coverage: `python -m tests.fuzz.guided TARGET [libFuzzer's options]` (`make fuzz`)."""

import sys

import atheris

with atheris.instrument_imports(include=["bot", "xmltodict", "wechatpy.crypto"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
