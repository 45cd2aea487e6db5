"""How much of a sheet is read. Whatever goes beyond is refused before it takes the memory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one file; the defaults hold a roster of 20,000 rows and no more than some 200 MB."""

    #: Of the file as it came.
    most_bytes: int = 10 * 1024 * 1024
    #: Of all that is packed in a workbook.
    most_unpacked: int = 64 * 1024 * 1024
    #: Unpacked to packed, of one entry of more than a megabyte. Sheets full of styled empty cells
    #: reach 100.
    most_ratio: int = 200
    most_entries: int = 1000
    #: Of one sheet, rows that hold something; rows that are only formatted do not count.
    most_rows: int = 20_000
    #: The furthest column that holds something.
    most_columns: int = 100
    most_cells: int = 500_000
    #: Characters of one cell.
    most_characters: int = 2_000
    #: Texts that the sheets of a workbook share.
    most_texts: int = 500_000
    #: Where the header is looked for: titles and notes stand above it.
    header_within: int = 20
    #: Places named in one refusal.
    most_places: int = 5


LIMITS = Limits()
