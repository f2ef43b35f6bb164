"""License keys and tokens are cut out of what people wrote, before any of it is kept. Pure.

A key is URL-safe base64 of several hundred characters, often wrapped over lines when it comes out of an e-mail; ours
are compact JWTs; files have a frame of dashes. `slk_` begins the access token that a license server takes, which is
made of the key's SHA-256: so the bare hash of a key is as good as the key.
"""

from __future__ import annotations

import re

CUT = "[key cut out]"
FEWEST = 12  # characters of the shortest token
SHORTEST = 40  # characters of something that can only be a key or a hash: a UUID has 36
_CHARS = r"[A-Za-z0-9+/_=-]"
_FRAMED = re.compile(r"-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|\Z)", re.DOTALL)
_TOKEN = re.compile(r"\b(?:slk|sgp|sgd|xox[abeprs]|xapp)[_-][A-Za-z0-9_-]{8,}")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*(?:\s*\n\s*[A-Za-z0-9_.-]{20,})*")
_HASH = re.compile(r"\b[0-9a-fA-F]{64,}\b")
_LINK = re.compile(r"https?://\S+")
#: And its further lines, where it was wrapped.
_RUN = re.compile(rf"(?<![A-Za-z0-9]){_CHARS}{{{SHORTEST},}}(?:\s*\n\s*{_CHARS}{{20,}})*(?:\s*\n\s*{_CHARS}+=)?")


def without_keys(text: str) -> str:
    """The text with every key, token and hash of one replaced by `CUT`. Links keep what only looks like one."""
    if len(text) < FEWEST:
        return text
    for shape in (_FRAMED, _JWT, _TOKEN, _HASH):
        text = shape.sub(CUT, text)
    found, at = [], 0
    for link in _LINK.finditer(text):
        found += [_without_runs(text[at : link.start()]), link[0]]
        at = link.end()
    return "".join([*found, _without_runs(text[at:])])


def _without_runs(text: str) -> str:
    return _RUN.sub(lambda run: CUT if _is_random(run[0]) else run[0], text)


def _is_random(run: str) -> bool:
    """Small and capital letters and digits in one run: no word, no path of words and no ruler of dashes has them all.

    A run of this length that came out of base64 lacks one of the three once in a thousand times.
    """
    return all(re.search(kind, run) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
