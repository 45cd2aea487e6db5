"""The targets over the corpus and over grammars: a moment of what `make fuzz` does at length."""

from pathlib import Path

import pytest
from hypothesis import given

from tests.fuzz.budget import EXAMPLES, fuzzed
from tests.fuzz.strategies import almost_plaintexts, any_envelope, any_text, any_xml
from tests.fuzz.targets import TARGETS, check_envelope, check_reply, check_xml

CORPUS = Path(__file__).parent / "corpus"
INPUTS = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", INPUTS, ids=[f"{path.parent.name}/{path.name}" for path in INPUTS])
def test_the_corpus(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_each_target_has_a_corpus() -> None:
    assert {path.parent.name for path in INPUTS} == TARGETS.keys()


@fuzzed
@given(any_xml())
def test_xml(data: bytes) -> None:
    EXAMPLES["xml"] += 1
    check_xml(data)


@fuzzed
@given(any_envelope())
def test_envelope(data: bytes) -> None:
    EXAMPLES["envelope"] += 1
    check_envelope(data)


@fuzzed
@given(almost_plaintexts())
def test_plaintext(data: bytes) -> None:
    EXAMPLES["plaintext"] += 1
    check_envelope(data)


@fuzzed
@given(any_text())
def test_reply(data: bytes) -> None:
    EXAMPLES["reply"] += 1
    check_reply(data)
