"""The grammar of the Hyp language: ``hyp.lark`` is its one definition, ``README.md`` its reference."""

from __future__ import annotations

from pathlib import Path

GRAMMAR_FILE = Path(__file__).with_name("hyp.lark")
