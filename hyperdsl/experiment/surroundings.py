"""What a fit finds around it: threads, warnings, NumPy's global generator."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from hyperdsl.experiment.sharing.warned import first_line


@contextmanager
def quiet(seen: Counter[str] | None = None) -> Iterator[list[warnings.WarningMessage]]:
    """Count warnings instead of showing them; gives the list that they come into."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield caught
        finally:
            if seen is not None:
                seen.update(map(first_line, caught))


@contextmanager
def kept_random_state(seed: int | None = None) -> Iterator[None]:
    """Leave NumPy's global generator as it was; inside it is seeded where there is a seed."""
    import numpy as np

    state = np.random.get_state()
    if seed is not None:
        np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        np.random.set_state(state)


def available_threads() -> int:
    """The cores that this process may use, or ``OMP_NUM_THREADS`` where it is set to fewer."""
    import joblib

    cores: int = joblib.cpu_count()
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdigit() and int(limit) > 0 else cores


@contextmanager
def limit_threads(threads: int | None) -> Iterator[None]:
    """Limit the threads of BLAS and OpenMP; None leaves them as they are."""
    if threads is None:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield
