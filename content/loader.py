"""The one reader of content folders: YAML files in, one frozen `Content` out.

Every problem in the folder is reported at once, each with its file and line, because an editor
who is told of one mistake at a time gives up. Only `faq/*.yaml` is required of a folder.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from content.fingerprint import stamp_folder
from content.schema import (
    Attendance,
    Content,
    County,
    Entry,
    Lexicon,
    Limit,
    Policy,
    PrivacyNotice,
    Programme,
    Retention,
    Service,
    SmallTalk,
    Topic,
)

Record = TypeVar("Record", bound=BaseModel)

PACKAGE_CONTENT = Path(__file__).resolve().parent
#: What stands for the package's texts of this city over a folder that does not say it itself.
_FALLBACK_TEXTS = PACKAGE_CONTENT / "fallback_texts.yaml"

#: What a person may write before it is surely a mistake or an attack.
MAX_FILE_BYTES = 4 * 1024 * 1024

_MESSAGES = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识这一项，是不是写错了",
    "string_type": "要写文字",
    "string_too_short": "不能空着",
    "string_too_long": "太长，最多 {max_length} 个字",
    "tuple_type": "要写成列表",
    "too_short": "写得不够，至少要 {min_length} 个",
    "too_long": "写得太多，最多 {max_length} 个",
    "date_type": "要写日期，如 2021-12-31",
    "date_from_datetime_parsing": "要写日期，如 2021-12-31",
    "date_from_datetime_inexact": "只写日期，不写时间",
    "bool_type": "要写 true 或 false",
    "bool_parsing": "要写 true 或 false",
    "model_type": "要写成“名字: 内容”的样子",
    "mapping_type": "要写成“名字: 内容”的样子",
    "literal_error": "只能是 {expected} 之一",
    "string_pattern_mismatch": "只能用小写字母、数字和连字符",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong at one place; `str()` is the line that the editor reads."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ContentError(Exception):
    """The folder cannot be used; `problems` holds everything found, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class _File:
    """One YAML file: its data, and the parsed tree that still knows the lines."""

    path: Path
    data: Any
    tree: yaml.Node | None

    def line_of(self, location: Iterable[object]) -> int:
        """The line, from 1, of the deepest part of `location` that is there to be seen."""
        node, line = self.tree, 1 if self.tree is None else self.tree.start_mark.line + 1
        for part in location:
            step = _step_into(node, part)
            if step is None:
                break
            line, node = step
        return line


def _step_into(node: yaml.Node | None, part: object) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    return None


@dataclass(slots=True)
class ContentFolder:
    """A folder as loaded, with the way back from a record to its place, for the linter.

    `content` is None where `problems` is not empty.
    """

    folder: Path
    content: Content | None = None
    problems: list[Problem] = field(default_factory=list)
    _records: dict[tuple[str, str], tuple[_File, tuple[object, ...]]] = field(default_factory=dict)

    def place(self, kind: str, identifier: str, *location: object) -> tuple[Path, int]:
        """File and line of `location` within the record; `kind` is policy, clause, entry,
        service, smalltalk, topic, county, programme, limit, retention, privacy or lexicon (its
        parts by name). Raises KeyError for a record that is not there."""
        file, base = self._records[kind, identifier]
        return file.path, file.line_of((*base, *location))

    def register(
        self, kind: str, identifier: str, file: _File, location: tuple[object, ...]
    ) -> bool:
        """Note where a record stands; a second one of the same name is a problem and False."""
        known = self._records.get((kind, identifier))
        if known is None:
            self._records[kind, identifier] = (file, location)
            return True
        first, base = known
        self.problems.append(
            Problem(
                file.path,
                file.line_of(location),
                f"{identifier} 写了两次，第一次在 {first.path}:{first.line_of(base)}",
            )
        )
        return False


def load_content(folder: Path) -> Content:
    """Everything said in `folder`. Raises ContentError with all problems.

    What a folder of its own may leave out: all but `faq` is empty then, and for each text that is
    missing there is one that names no city (fallback_texts.yaml).
    """
    loaded = read_content_folder(folder)
    if loaded.content is None:
        raise ContentError(loaded.problems)
    return loaded.content


def read_content_folder(folder: Path) -> ContentFolder:
    """Like `load_content`, keeping the places of records; problems are collected, not raised."""
    result = ContentFolder(folder)
    # Before anything is read: what is saved meanwhile is seen as a change afterwards.
    stamp = stamp_folder(folder)
    entries = _read_records(result, "entry", Entry, folder / "faq", "id", in_lists=True)
    if not (folder / "faq").is_dir() or not any((folder / "faq").glob("*.yaml")):
        result.problems.append(Problem(folder / "faq", 1, "这里要有问答文件 faq/*.yaml"))
    services = _read_records(
        result, "service", Service, folder / "services.yaml", "intent", in_lists=True
    )
    smalltalk = _read_records(
        result, "smalltalk", SmallTalk, folder / "smalltalk.yaml", "id", in_lists=True
    )
    topics = _read_records(result, "topic", Topic, folder / "topics.yaml", "id", in_lists=True)
    policies = _read_records(result, "policy", Policy, folder / "policies", "id", in_lists=False)
    counties = _read_records(
        result, "county", County, folder / "counties.yaml", "code", in_lists=True
    )
    programmes = _read_records(
        result, "programme", Programme, folder / "programmes.yaml", "key", in_lists=True
    )
    limits = _read_records(result, "limit", Limit, folder / "limits.yaml", "key", in_lists=True)
    retention = _read_records(
        result, "retention", Retention, folder / "retention.yaml", "kind", in_lists=True
    )
    privacy = _read_records(
        result, "privacy", PrivacyNotice, folder / "privacy", "version", in_lists=False
    )
    said = read_files(result, folder / "attendance.yaml")
    attendance = [_validate(result, Attendance, file.data, file, ()) for file in said]
    lexicon = _read_lexicon(result, folder / "lexicon")
    texts = _read_texts(result, PACKAGE_CONTENT / "texts")
    if folder.resolve() != PACKAGE_CONTENT:
        texts |= _read_texts(result, _FALLBACK_TEXTS, named_by_file=False)
        texts |= _read_texts(result, folder / "texts")
    if not result.problems:
        result.content = Content(
            policies=tuple(policies),
            entries=tuple(entries),
            services=tuple(services),
            smalltalk=tuple(smalltalk),
            topics=tuple(topics),
            lexicon=lexicon,
            counties=tuple(counties),
            programmes=tuple(programmes),
            limits=tuple(limits),
            retention=tuple(retention),
            privacy=tuple(privacy),
            attendance=next(filter(None, attendance), Attendance()),
            texts=texts,
            stamp=stamp,
        )
    return result


def _read_records(
    result: ContentFolder,
    kind: str,
    model: type[Record],
    source: Path,
    key: str,
    *,
    in_lists: bool,
) -> list[Record]:
    """The records of one file or of a folder's files: lists of them, or one a file."""
    records: list[Record] = []
    for file in read_files(result, source):
        if not in_lists:
            items: list[tuple[tuple[object, ...], Any]] = [((), file.data)]
        elif isinstance(file.data, list):
            items = [((number,), item) for number, item in enumerate(file.data)]
        else:
            result.problems.append(Problem(file.path, 1, "整个文件要是一个列表，每条以“- ”开头"))
            continue
        for location, item in items:
            record = _validate(result, model, item, file, location)
            if record is None:
                continue
            if result.register(kind, str(getattr(record, key)), file, location):
                records.append(record)
            if isinstance(record, Policy):
                for number, clause in enumerate(record.clauses):
                    result.register("clause", clause.id, file, (*location, "clauses", number))
    return records


def _read_lexicon(result: ContentFolder, folder: Path) -> Lexicon:
    parts: dict[str, Any] = {}
    files: dict[str, _File] = {}
    for name in ("words", "synonyms", "concepts", "typos"):
        for file in read_files(result, folder / f"{name}.yaml"):
            parts[name] = file.data
            files[name] = file
            result.register("lexicon", name, file, ())
    try:
        return Lexicon.model_validate(parts)
    except ValidationError as error:
        for detail in error.errors():
            part, *location = detail["loc"]
            file = files[str(part)]
            result.problems.append(
                Problem(file.path, file.line_of(location), _describe(detail, location))
            )
        return Lexicon()


def _read_texts(
    result: ContentFolder, source: Path, *, named_by_file: bool = True
) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in read_files(result, source):
        prefix = (file.path.stem,) if named_by_file else ()
        if not isinstance(file.data, dict):
            result.problems.append(Problem(file.path, 1, "要写成“名字: 内容”的样子"))
            continue
        for location, value in _walk_texts(file.data):
            if isinstance(value, str):
                texts[".".join((*prefix, *location))] = value.strip("\n")
            else:
                result.problems.append(
                    Problem(file.path, file.line_of(location), f"{'.'.join(location)}：要写文字")
                )
    return texts


def _walk_texts(data: dict[Any, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            for location, text in _walk_texts(value):
                yield (str(key), *location), text
        else:
            yield (str(key),), value


def read_files(result: ContentFolder, source: Path) -> Iterator[_File]:
    """The readable YAML files at `source`, a file or a folder; none where it does not exist."""
    paths = sorted(source.glob("*.yaml")) if source.is_dir() else [source]
    for path in paths:
        if not path.is_file():
            continue
        try:
            file = _parse(path, result.problems)
        except (UnicodeDecodeError, OSError):
            result.problems.append(Problem(path, 1, "文件读不出来，要存成 UTF-8"))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = 1 if mark is None else mark.line + 1
            result.problems.append(Problem(path, line, f"YAML 写法不对：{error.problem}"))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            reason = str(error).splitlines()[0] if str(error) else "套得太深"
            result.problems.append(Problem(path, 1, f"YAML 写法不对：{reason}"))
        else:
            if file.data is not None:
                yield file


def _parse(path: Path, problems: list[Problem]) -> _File:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError("文件太大")
    text = path.read_text(encoding="utf-8")
    # The tree is composed first and the data built from it, so that one parse gives both.
    loader = yaml.CSafeLoader(text)
    try:
        tree = loader.get_single_node()
        if tree is None:
            return _File(path, None, None)
        for line, key in _find_repeated_keys(tree):
            problems.append(Problem(path, line, f"{key} 写了两次，前一个会丢"))
        return _File(path, loader.construct_document(tree), tree)
    finally:
        loader.dispose()


def _find_repeated_keys(tree: yaml.Node) -> Iterator[tuple[int, str]]:
    """YAML keeps the last of two equal keys in silence; an editor means both."""
    waiting = [tree]
    visited: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in visited:  # An alias leads back to the same node.
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            seen: set[Hashable] = set()
            for key, value in node.value:
                if isinstance(key.value, str):
                    if key.value in seen:
                        yield key.start_mark.line + 1, key.value
                    seen.add(key.value)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def _validate(
    result: ContentFolder,
    model: type[Record],
    data: Any,
    file: _File,
    base: tuple[object, ...],
) -> Record | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors():
            location = detail["loc"]
            result.problems.append(
                Problem(file.path, file.line_of((*base, *location)), _describe(detail, location))
            )
        return None


def _describe(detail: Any, location: Iterable[object]) -> str:
    where = ".".join(str(part) for part in location)
    message = _MESSAGES.get(detail["type"])
    if message is None:
        message = str(detail["msg"]).removeprefix("Value error, ")
    else:
        message = message.format_map(detail.get("ctx", {}))
    return f"{where}：{message}" if where else message
