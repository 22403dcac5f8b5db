"""How a warning of a library is counted."""

from __future__ import annotations

import warnings


def first_line(warning: warnings.WarningMessage) -> str:
    """Its class and the first line of what it says."""
    return f"{warning.category.__name__}: {str(warning.message).strip()}".splitlines()[0]
