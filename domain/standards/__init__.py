"""The subsidy standards (补贴标准目录, L08): what is paid for which occupation, kind and level, and
from when on. Never changed: another amount is another standard with a later day."""
