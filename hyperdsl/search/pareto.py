"""Several objectives: fronts, how much they cover, and the one to take of a front. All numbers are losses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Losses = Sequence[Sequence[float]]


def non_dominated(losses: Losses) -> list[int]:
    """The positions of the points that no other point dominates, ascending."""
    points = np.asarray(losses, dtype=float)
    if not len(points):
        return []
    kept: list[int] = []
    for position in np.lexsort(points.T[::-1]):  # what comes later in this order cannot dominate what comes before
        point, front = points[position], points[kept]
        if not np.any(np.all(front <= point, axis=1) & np.any(front < point, axis=1)):
            kept.append(int(position))
    return sorted(kept)


def fronts(losses: Losses, enough: int | None = None) -> list[list[int]]:
    """Positions by rank: the front, the front of the rest, and so on (non-dominated sorting).

    Parameters
    ----------
    enough : int or None
        The last front is the one with which there are so many points; None is all.
    """
    points = np.asarray(losses, dtype=float)
    if not len(points):
        return []
    no_worse = np.all(points[:, None] <= points[None], axis=2)
    dominates = no_worse & ~no_worse.T
    beaten = dominates.sum(axis=0)
    ranked: list[list[int]] = []
    taken = 0
    while taken < (len(points) if enough is None else min(enough, len(points))):
        front = np.flatnonzero(beaten == 0)
        beaten = beaten - dominates[front].sum(axis=0)
        beaten[front] = -1
        ranked.append(front.tolist())
        taken += len(front)
    return ranked


def crowding(losses: Losses) -> NDArray[np.float64]:
    """The crowding distance of each point of one front, infinite at its ends (Deb et al. 2002)."""
    points = np.asarray(losses, dtype=float)
    distance = np.zeros(len(points))
    for column in points.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        distance[order[[0, -1]]] = np.inf
        span = ordered[-1] - ordered[0]
        if span > 0:
            distance[order[1:-1]] += (ordered[2:] - ordered[:-2]) / span
    return distance


def hypervolume(losses: Losses, reference: Sequence[float]) -> float:
    """The volume that points dominate, up to a reference point; exact, by slicing along the last objective.

    Parameters
    ----------
    losses : sequence of points, shape (points, objectives)
    reference : sequence of float, shape (objectives,)
        A point that is worse than all that count; what is not better in every objective adds nothing.
    """
    corner = np.asarray(reference, dtype=float)
    points = np.asarray([p for p in losses if np.all(np.asarray(p) < corner)], dtype=float)
    return _volume(points, corner) if len(points) else 0.0


def _volume(points: NDArray[np.float64], corner: NDArray[np.float64]) -> float:
    if points.shape[1] == 1:
        return float(corner[0] - points[:, 0].min())
    points = points[non_dominated(points.tolist())]
    if points.shape[1] == 2:
        points = points[np.argsort(points[:, 0], kind="stable")]
        ends = np.append(points[1:, 0], corner[0])
        return float(np.sum((ends - points[:, 0]) * (corner[1] - points[:, 1])))
    points = points[np.argsort(points[:, -1], kind="stable")]
    ends = np.append(points[1:, -1], corner[-1])
    slices = ((ends[i] - points[i, -1]) * _volume(points[: i + 1, :-1], corner[:-1]) for i in range(len(points)))
    return float(math.fsum(s for s in slices if s > 0))


def knee(losses: Losses) -> int:
    """The position of the point of a front that gives up least: nearest the ideal point.

    Every objective is scaled to 0..1 over the front; of equally near points the first.
    """
    points = np.asarray(losses, dtype=float)
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return int(np.argmin(np.linalg.norm((points - low) / span, axis=1)))
