"""People's sheets (xlsx, csv): read safely, every fault with its row and column, and written so
that nothing in them can run.

`read_sheet` gives typed rows or refuses the whole file; what an area makes of the rows is its own.
`write_workbook` and `write_separated` write; `send_back` gives the rows that were refused, as they
came, with the reason. docs/decisions/0017 says why the reader is our own.
"""
