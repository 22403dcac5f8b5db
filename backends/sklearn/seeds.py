"""Seeds for the steps that draw random numbers."""

from __future__ import annotations

from hashlib import blake2b


def derive(seed: int, key: str, occurrence: int = 0) -> int:
    """A step's ``random_state``: the first 31 bits of BLAKE2b over the study's seed and the step's key.

    Parameters
    ----------
    seed : int
        The study's seed.
    key : str
        The canonical text of all that the step's input goes through, and of the step.
    occurrence : int
        How many steps of the same key come before it in the program, so that equal members of an ensemble differ.
    """
    digest = blake2b(f"{seed}\n{occurrence}\n{key}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1
