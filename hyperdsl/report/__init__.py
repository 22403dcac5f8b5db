"""The report of a study: one page that says what was found, what it depends on, and how to do it again.

==============  ====================================================================
file            holds
==============  ====================================================================
``subject``     the study: trials, space, decisions as columns of values
``importance``  how much each decision matters
``course``      charts of the whole study; ``choices`` and ``parallel`` of decisions
``failures``    the same errors together
``page``        the sections, ``page.css`` and ``page.js``; ``charts`` SVG
==============  ====================================================================

The same study gives the same page, byte for byte, with the same libraries installed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence


def report_page(
    study: str | os.PathLike[str],
    *,
    name: str | None = None,
    revision: int | None = None,
    allow: Sequence[str] = (),
) -> str:
    """The report of a study as the text of an HTML file, which needs no other file and no network.

    Parameters
    ----------
    study : path or URL
    name : str or None
        Which study of the file; None where it holds one.
    revision : int or None
        The version of its space; None for the last.
    allow : sequence of str
        Packages of the user's own that the pipeline takes classes from.

    Raises
    ------
    HypError
        When there is no such study, or it has no trial.
    """
    from hyperdsl.report.page import render
    from hyperdsl.report.subject import find_subject

    return render(find_subject(study, name, revision, allow))
