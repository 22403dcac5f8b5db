"""Fidelities: what a cheap trial leaves out."""

from __future__ import annotations

import re

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.frozen import frozen

_NUMBER = r"(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_FORM = re.compile(rf"\s*([^\W\d]\w*)\s*=\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*")
_EXAMPLES = '"rows=0.1..1", "folds=1..5" or "n_estimators=16..512"'


@frozen
class Fidelity:
    """What cheap trials have less of, and between which amounts.

    Parameters
    ----------
    name : str
        ``rows``, the share of the rows that are fitted; ``folds``, how many are scored; else a parameter of the model
        at the end of a pipeline that says how long it is fitted, such as ``n_estimators``. For a function of one's own
        (:func:`hyperdsl.optimize`) any name.
    low, high : float
        The least amount, and that of a full trial.
    """

    name: str
    low: float
    high: float

    @classmethod
    def of(cls, given: str | Fidelity | None) -> Fidelity | None:
        """``rows=0.1..1``, ``n_estimators=16..512``.

        Raises
        ------
        HypError
            Where it reads otherwise, or an amount is impossible.
        """
        if isinstance(given, str):
            match = _FORM.fullmatch(given)
            if match is None:
                raise HypError([search_setting_invalid("fidelity", given, f"a name and two amounts: {_EXAMPLES}")])
            given = cls(match[1], float(match[2]), float(match[3]))
        if given is not None:
            given._check()
        return given

    def _check(self) -> None:
        if not 0 < self.low < self.high:
            self._fail("two amounts above 0, the smaller one first, such as")
        if self.name == "rows" and self.high > 1:
            self._fail("for rows a share of them, up to 1, such as")
        if self.name == "folds" and not (self.low == int(self.low) and self.high == int(self.high)):
            self._fail("for folds whole numbers, such as")

    def _fail(self, expected: str) -> None:
        raise HypError([search_setting_invalid("fidelity", str(self), f"{expected} {_EXAMPLES}")])

    @property
    def is_whole(self) -> bool:
        """Whether amounts are whole numbers: all but shares of rows, unless they are written with a fraction."""
        return self.name != "rows" and self.low == int(self.low) and self.high == int(self.high)

    def rungs(self, reduction: float) -> tuple[float, ...]:
        """The amounts, ascending; each is ``reduction`` times the one before it, the last is that of a full trial."""
        found = [self.high]
        while found[-1] / reduction >= self.low * (1 - 1e-9):
            found.append(found[-1] / reduction)
        amounts = sorted({round(a) if self.is_whole else a for a in found})
        if len(amounts) < 2:
            least = f"{self.high / reduction:g}"
            expected = f"a range from {least} or less: a step is {reduction:g}"
            raise HypError([search_setting_invalid("fidelity", str(self), expected)])
        return tuple(amounts)

    def __str__(self) -> str:
        return f"{self.name}={self.low:g}..{self.high:g}"
