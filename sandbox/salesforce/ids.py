"""Record ids: a prefix for the type, a counter, and a checksum.

15 characters tell capitals apart; the three of the checksum let programs that do not tell them apart keep ids too.
"""

from __future__ import annotations

import re

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FIRST = 200_000_000  # gives five characters, capitals among them
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def checksum(fifteen: str) -> str:
    """The three characters that follow: one per five, each bit a capital letter."""
    chunks = (fifteen[0:5], fifteen[5:10], fifteen[10:15])
    return "".join(_CHECK[sum(1 << i for i, char in enumerate(chunk) if "A" <= char <= "Z")] for chunk in chunks)


def make(prefix: str, number: int) -> str:
    """The id of the number-th record of a type."""
    number += _FIRST
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    fifteen = f"{prefix}5g00000{digits}"
    return fifteen + checksum(fifteen)


def full(value: object) -> str | None:
    """The 18-character form of an id of either length, or None when it is not an id."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", value):
        return None
    right = value[:15] + checksum(value[:15])
    return right if len(value) == 15 or value == right else None
