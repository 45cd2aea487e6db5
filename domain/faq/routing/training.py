"""Learns from the content's own phrasings, and keeps what was learned.

Learning takes some seconds, loading it again some milliseconds: it is kept in a folder under a
name that is made of everything it came from, so that what is stale is never used.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import IO, NamedTuple
from zipfile import BadZipFile

import numpy as np

from content.schema import Content
from domain.faq.routing.candidates import list_candidates
from domain.faq.routing.classifier import Model, weigh_features
from domain.faq.routing.pinyin import Uses
from domain.faq.routing.question import Question

#: Raised by hand where this file, the features or the cutting into words change what is kept.
VERSION = 3
#: How dearly a phrasing on the wrong side is paid for.
COST = 1.0
#: How near the best line is near enough: nearer takes a third longer and changes no answer.
TOLERANCE = 0.05
#: Most of what a feature says of candidates that it has nothing to do with is noise: what is
#: below this is left out, four fifths of it all, and not one answer in 500 changes.
LEAST_WEIGHT = 0.02
#: More candidates than any city has: training would take minutes, and likeness serves.
MOST_CANDIDATES = 1_000
#: Files of what was learned that stay in the folder.
MOST_KEPT = 4


def is_trainable(phrasings: Sequence[Sequence[object]]) -> bool:
    """Whether there is something to tell apart, and not too much."""
    return sum(map(bool, phrasings)) >= 2 and len(phrasings) <= MOST_CANDIDATES


def train_model(phrasings: Sequence[Sequence[Question]]) -> Model | None:
    """A linear classifier over the phrasings of each candidate, one against the rest.

    None where they are not trainable. The same phrasings give the same model.
    """
    if not is_trainable(phrasings):
        return None
    owners = [number for number, own in enumerate(phrasings) for _ in own]
    # Only here: it takes a second to import, and running processes load what is kept.
    from scipy.sparse import csr_array
    from sklearn.svm import LinearSVC

    texts = [question.features for own in phrasings for question in own]
    scale_of = weigh_features(texts)
    features = tuple(scale_of)
    row_of = {feature: row for row, feature in enumerate(features)}
    scale = np.fromiter(scale_of.values(), np.float32, len(features))
    rows: list[int] = []
    values: list[np.ndarray] = []
    ends = [0]
    for text in texts:
        own_rows = [row_of[feature] for feature in text]
        rows += own_rows
        weighed = scale[own_rows]
        norm = float(np.sqrt(weighed @ weighed))
        values.append(weighed / norm if norm else weighed)
        ends.append(len(rows))
    table = csr_array(
        (np.concatenate(values), np.array(rows, np.int32), np.array(ends, np.int32)),
        shape=(len(texts), len(features)),
    )
    machine = LinearSVC(C=COST, tol=TOLERANCE, random_state=0).fit(table, np.array(owners))
    # Nobody without a phrasing is ever meant.
    bias = np.full(len(phrasings), -1.0, dtype=np.float32)
    lines, offsets = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # One line parts two: its other side is the first of them.
        lines, offsets = np.concatenate([-lines, lines]), np.concatenate([-offsets, offsets])
    bias[machine.classes_] = offsets
    by_feature = lines.T
    kept_rows, kept_columns = np.nonzero(np.abs(by_feature) > LEAST_WEIGHT)
    counts = np.bincount(kept_rows, minlength=len(features))
    return Model(
        features,
        scale,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        machine.classes_[kept_columns].astype(np.int32),
        by_feature[kept_rows, kept_columns].astype(np.float32),
        bias,
    )


def measure_coverage(phrasings: Sequence[Sequence[Question]]) -> float:
    """The median, over the phrasings, of the share of pairs and words that another has too."""
    uses: dict[str, int] = {}
    texts = [
        [feature for feature in question.features if len(feature) > 1]
        for own in phrasings
        for question in own
    ]
    for features in texts:
        for feature in features:
            uses[feature] = uses.get(feature, 0) + 1
    shares = [
        sum(uses[feature] > 1 for feature in features) / len(features)
        for features in texts
        if features
    ]
    return median(shares) if shares else 0.0


class Learned(NamedTuple):
    """What the phrasings of a content teach: all of it takes seconds to learn.

    model: the classifier; None where there is nothing to tell apart, or too much.
    known: how many candidates know a term of the rules: rare ones convince.
    coverage: of the pairs and words of a phrasing the share that others have too, in the middle:
        what is to be expected of a question that the content is about.
    """

    model: Model | None
    known: Mapping[str, int]
    coverage: float


class ModelStore:
    """What was learned, in a folder, by what it was learned from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, content: Content, make: Callable[[], Learned]) -> Learned:
        """What `content` teaches: the kept, or else made now and kept.

        A folder that cannot be read or written only costs the time of learning.
        """
        path = self._find_path(content)
        learned = _load(path)
        if learned is None:
            learned = make()
            _save(learned, path)
        return learned

    def get_uses(self, content: Content, count: Callable[[], Uses]) -> Uses:
        """What the phrasings of `content` are made of: the kept, or else counted now and kept.

        What was kept before the spellings were is counted anew, once.
        """
        path = self._find_path(content).with_suffix(".json")
        uses = _load_uses(path)
        if uses is None:
            uses = count()
            text = json.dumps(uses, ensure_ascii=False, separators=(",", ":"))
            _write_whole(path, lambda file: file.write(text.encode()))
        return uses

    def has(self, content: Content) -> bool:
        """Whether what `content` teaches is kept already."""
        return self._find_path(content).is_file()

    def _find_path(self, content: Content) -> Path:
        return self._folder / f"{digest_content(content)}.npz"


def digest_content(content: Content) -> str:
    """A name for everything that learning looks at."""
    digest = hashlib.sha256(f"{VERSION} {COST} {LEAST_WEIGHT}".encode())
    digest.update(content.lexicon.model_dump_json().encode())
    for candidate in list_candidates(content):
        about = [candidate.kind.value, candidate.name, *candidate.phrasings]
        about.append(candidate.keywords.model_dump_json())
        digest.update(json.dumps(about).encode())
    return digest.hexdigest()[:32]


def _load(path: Path) -> Learned | None:
    try:
        # Opened here: numpy leaves the file open where it is no archive.
        with path.open("rb") as file, np.load(file) as kept:
            known = dict(zip(kept["terms"].tolist(), kept["knowing"].tolist(), strict=True))
            arrays = [kept[name] for name in Model._fields[1:]]
            model = Model(tuple(kept["features"].tolist()), *arrays)
            return Learned(model, known, float(kept["coverage"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _save(learned: Learned, path: Path) -> None:
    model = learned.model
    if model is None:
        return
    arrays = {name: getattr(model, name) for name in Model._fields[1:]}
    arrays["features"] = np.array(model.features)
    arrays["terms"] = np.array(list(learned.known), dtype=np.str_)
    arrays["knowing"] = np.array(list(learned.known.values()), dtype=np.int32)
    arrays["coverage"] = np.array(learned.coverage)
    _write_whole(path, lambda file: np.savez(file, **arrays))


def _load_uses(path: Path) -> Uses | None:
    try:
        words, pairs, spellings = json.loads(path.read_bytes())
        whole = all(type(count) is int for uses in (words, pairs) for count in uses.values())
        whole = whole and all(type(spelling) is str for spelling in spellings.values())
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return Uses(words, pairs, spellings) if whole else None


def _write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Whole or not at all: two processes may do it at once. What cannot be written is not kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _drop_old(path)
    except OSError:
        return


def _drop_old(path: Path) -> None:
    """Of what was learned from earlier contents only the latest few stay."""
    kept = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda file: -file.stat().st_mtime)
    for file in kept[MOST_KEPT:]:
        file.unlink(missing_ok=True)
