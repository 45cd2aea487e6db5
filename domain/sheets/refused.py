"""The rows that were refused, sent back as a sheet: as they came, with the reason beside them."""

from collections.abc import Iterable, Mapping, Sequence

from domain.sheets.reading import Sheet
from domain.sheets.table import REASON_TITLE, ROW_TITLE, Fault, Row
from domain.sheets.writing import Written, write_workbook


def word_fault(texts: Mapping[str, str], fault: Fault) -> str:
    """第7行“身份证号”（C列）写成了科学计数…: in words of content/texts/sheets.yaml.

    Raises KeyError for a code without words.
    """
    words = texts[f"sheets.faults.{fault.code}"]
    return f"{fault.place}{words.format(**fault.facts)}"


def word_faults(texts: Mapping[str, str], faults: Iterable[Fault]) -> str:
    """All of them in one cell."""
    return "；".join(word_fault(texts, fault) for fault in faults)


def send_back(
    sheet: Sheet, refused: Sequence[tuple[Row, Sequence[Fault]]], texts: Mapping[str, str]
) -> bytes:
    """An xlsx file of the `refused` rows of `sheet`, in their order.

    It can be put right and handed in again as it is: the columns are found by their titles, and
    what was added is not looked at.
    """
    width = max([len(sheet.titles), *(len(row.shown) for row, _ in refused)])
    titles = [*sheet.titles, *[""] * (width - len(sheet.titles)), ROW_TITLE, REASON_TITLE]
    rows: Iterable[Sequence[Written]] = (
        [*row.shown, *[""] * (width - len(row.shown)), row.number, word_faults(texts, faults)]
        for row, faults in refused
    )
    return write_workbook(titles, rows, name="没有收下的行")
