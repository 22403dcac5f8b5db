"""Spaces for the tests of the search."""

from hyperdsl.ir.text import read
from hyperdsl.space import Space

# record(x = 0..50, y = 1e-3..1.0 log, mode = "fast" | "safe" @ 3, z = 1..x + 1 if mode == "safe" else 0,
#        tags = subset(2, ["a", "b", "c"]), size = 100 | 1 | 10, part = 0.0..1.0 step 0.25)
_MIXED = """
graph "mixed" root %24
%0 = const() {'value': 0}
%1 = const() {'value': 50}
%2 = integer(%0, %1) {'path': 'x'}
%3 = const() {'value': 0.001}
%4 = const() {'value': 1.0}
%5 = real(%3, %4) {'path': 'y', 'log': True}
%6 = const() {'value': 'fast'}
%7 = const() {'value': 'safe'}
%8 = choose(%6, %7) {'path': 'mode', 'labels': ('fast', 'safe'), 'weights': (1, 3)}
%9 = compare(%8, %7) {'operator': '=='}
%10 = const() {'value': 1}
%11 = arithmetic(%2, %10) {'operator': '+'}
%12 = integer(%10, %11) {'path': 'z'}
%13 = select(%9, %12, %0)
%14 = const() {'value': 2}
%15 = const() {'value': 'a'}
%16 = const() {'value': 'b'}
%17 = const() {'value': 'c'}
%18 = subset(%14, %15, %16, %17) {'path': 'tags', 'labels': ('a', 'b', 'c')}
%19 = const() {'value': 100}
%20 = const() {'value': 10}
%21 = choose(%19, %10, %20) {'path': 'size', 'labels': (100, 1, 10), 'weights': (1, 1, 1), 'ordinal': True}
%22 = const() {'value': 0.0}
%23 = real(%22, %4) {'path': 'part', 'step': 0.25}
%24 = dict(%2, %5, %8, %13, %18, %21, %23) {'keys': ('x', 'y', 'mode', 'z', 'tags', 'size', 'part')}
"""

# record(x = 0..11)
_SMALL = """
graph "small" root %3
%0 = const() {'value': 0}
%1 = const() {'value': 11}
%2 = integer(%0, %1) {'path': 'x'}
%3 = dict(%2) {'keys': ('x',)}
"""


def mixed_space() -> Space:
    """Every kind of decision; a best point for :func:`distance`."""
    return Space(read(_MIXED))


def small_space() -> Space:
    """Twelve configurations."""
    return Space(read(_SMALL))
