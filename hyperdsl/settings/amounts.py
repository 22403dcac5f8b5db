"""Times and sizes as people write them."""

from __future__ import annotations

import re

_TIME = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB|GB)")
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


def parse_time(text: str) -> float:
    """Seconds from ``90``, ``90s``, ``10 min``, ``1.5h`` or ``1h30m``; more than none.

    Raises
    ------
    ValueError
        Where it reads otherwise.
    """
    match = _TIME.fullmatch(text.replace(" ", ""))
    parts = [float(p or 0) for p in match.groups()] if match else []
    seconds = sum(p * s for p, s in zip(parts, (3600, 60, 1), strict=False))
    if seconds <= 0:
        raise ValueError(text)
    return seconds


def parse_size(text: str) -> int:
    """Bytes from ``500MB``, ``2 GB`` or ``0.5GB``.

    Raises
    ------
    ValueError
        Where it reads otherwise.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return int(float(match[1]) * _BYTES[match[2]])
