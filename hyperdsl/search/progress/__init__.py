"""What is shown while a search runs: a live view, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import os
import sys
from typing import Literal, TextIO, get_args

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.search.progress.base import Progress, Silent
from hyperdsl.search.progress.lines import JsonLines, PlainLines
from hyperdsl.search.progress.live import LiveView
from hyperdsl.search.progress.notebook import NotebookView, in_notebook
from hyperdsl.search.progress.wording import BARS

__all__ = [
    "JsonLines",
    "LiveView",
    "Mode",
    "NotebookView",
    "PlainLines",
    "Progress",
    "Silent",
    "find_progress",
    "make_progress",
]

Mode = Literal["auto", "live", "plain", "json", "notebook", "none"]


def make_progress(mode: Mode = "auto", stream: TextIO | None = None) -> Progress:
    """The view for a mode; ``"auto"`` is live on a terminal that can redraw, in a notebook there, and plain elsewhere.

    JSON lines go to standard output, everything else to standard error, unless there is a ``stream``.
    """
    if mode == "json":
        return JsonLines(stream or sys.stdout)
    if mode == "none":
        return Silent()
    if mode == "notebook" or (mode == "auto" and stream is None and in_notebook()):
        return NotebookView()
    stream = stream or sys.stderr
    if mode == "live" or (mode == "auto" and _can_redraw(stream)):
        return LiveView(stream)
    return PlainLines(stream)


def find_progress(given: Progress | Mode | None) -> Progress | None:
    """The view that is meant by a mode or is given as it is; None shows nothing.

    Raises
    ------
    HypError
        For a word that is no mode.
    """
    if not isinstance(given, str):
        return given
    if given not in get_args(Mode):
        raise HypError([search_setting_invalid("progress", given, f"one of {', '.join(get_args(Mode))}")])
    return make_progress(given)


def _can_redraw(stream: TextIO) -> bool:
    """Whether a stream is a terminal that moves its cursor and has the characters of the view."""
    if not stream.isatty() or os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return False
    try:
        BARS.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
