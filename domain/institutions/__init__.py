"""The directory of training institutions (培训机构目录, L12): who stands in it, since when, until
when, and why not any more.

Nothing in it is ever overwritten without a dated record; how an institution stands on a day is
computed from its records (`rules.standing_on`).
"""
