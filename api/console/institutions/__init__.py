"""The institutions' directory (培训机构目录, L12) in the console."""
