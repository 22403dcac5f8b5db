"""Diagnostics of images and other arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def _by(shape: Sequence[int]) -> str:
    """A shape in few signs: ``28x28x1``."""
    return "x".join(map(str, shape)) or "a single value"


def no_input_array(name: str, wanted: str, found: Sequence[str]) -> Diagnostic:
    """An archive has no array of the name of the input."""
    has = f"it has {', '.join(f'`{f}`' for f in found)}" if found else "it is empty"
    return Diagnostic(
        "E0612",
        f"{name!r} has no array `{wanted}`: {has}",
        help=f"save the input as {wanted} and the target as y: numpy.savez(path, {wanted}=…, y=…)",
    )


def array_misfit(name: str, key: str, shape: Sequence[int], wanted: str, input_shape: Sequence[int]) -> Diagnostic:
    """An array beside the input has not one value for each of its rows."""
    return Diagnostic(
        "E0613",
        f"the array `{key}` of {name!r} is {_by(shape)}, but `{wanted}` has {_by(input_shape[:1])} rows",
        help=f"it needs one value for each row of `{wanted}`; a target of several numbers is not supported",
    )


def array_not_numeric(name: str, key: str, dtype: str) -> Diagnostic:
    """An array holds no numbers."""
    return Diagnostic(
        "E0614", f"the array `{key}` of {name!r} holds values of type {dtype}", help="make them numbers, such as uint8"
    )


def array_not_finite(name: str, key: str, bad: int, rows: int) -> Diagnostic:
    """An array has gaps or infinities."""
    return Diagnostic(
        "E0615",
        f"the array `{key}` of {name!r} holds NaN or infinity in {bad:,} of {rows:,} rows",
        help="a network would learn nothing from them: leave these rows out, or fill the gaps",
    )


def image_sizes_differ(folder: str, sizes: Mapping[str, tuple[int, int]]) -> Diagnostic:
    """Images are not all of one size."""
    shown = ", ".join(f"{path!r} is {width}x{height}" for path, (width, height) in list(sizes.items())[:3])
    return Diagnostic(
        "E0616",
        f"the images in {folder!r} have {len(sizes)} sizes: {shown}",
        help="bring them to one size first, with Pillow's Image.resize for instance",
    )


def array_shape_differs(name: str, found: Sequence[int], wanted: Sequence[int]) -> Diagnostic:
    """New data has other rows than a model was fitted on."""
    return Diagnostic(
        "E0617",
        f"a row of {name!r} is {_by(found)}, but the model was fitted on {_by(wanted)}",
        help="bring the data to that shape: rows, columns, channels",
    )


def not_such_data(name: str, wanted: Sequence[int]) -> Diagnostic:
    """A model for images gets a table, or one for tables gets images; ``wanted`` is empty for the latter."""
    takes = f"takes arrays of {_by(wanted)}" if wanted else "takes tables"
    gets = "a table" if wanted else "no table"
    instead = (
        "a .npz archive with `x`, or a folder of images" if wanted else "a table with the columns it was fitted on"
    )
    return Diagnostic("E0618", f"the model {takes}, and {name!r} is {gets}", help=f"give {instead}")


def step_takes_tables(span: Span | None, step: str, shape: Sequence[int]) -> Diagnostic:
    """A step that takes rows of columns would get images."""
    return Diagnostic(
        "E0619",
        f"`{step}` takes tables, and a row of this data is {_by(shape)}",
        span,
        "it would get an array of more than two axes",
        "write `train(…)` alone: layers such as Rescaling, Normalization and Flatten prepare images in the network",
    )


def pixels_not_rescaled(most: float) -> Diagnostic:
    """Pixels as they are in files flow into a network that nowhere makes them small."""
    return Diagnostic(
        "W0606",
        f"values of the data go up to {most:g}, from which a network learns badly: let it begin with "
        f"Rescaling(1 / {most:g})",
    )
