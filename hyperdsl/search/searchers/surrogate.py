"""Two small models of the loss, asked in turn.

The additive model sees the effect of each decision by itself, bends included; it learns from few trials and is right
where decisions act on their own. The Gaussian process sees what is near; it learns how decisions act together.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtri, dtrtrs
from scipy.special import ndtr

from hyperdsl.frozen import frozen

RIDGE = 0.3  # the prior precision of an effect, in units of the noise
RATES = (0.02, 0.06, 0.2, 0.6)  # of the decay of similarity with distance
NOISES = (0.01, 0.1)


@frozen(slots=False, eq=False)
class Additive:
    """Bayesian linear regression on the columns of an encoding; its uncertainty is that of the effects."""

    weights: np.ndarray
    covariance: np.ndarray

    @classmethod
    def fit(cls, X: np.ndarray, z: np.ndarray) -> Additive:
        """Fit to rows of an encoding, shape (n, width), and standardized losses, shape (n,)."""
        inverse = np.linalg.inv(X.T @ X + RIDGE * np.eye(X.shape[1]))
        weights = inverse @ (X.T @ z)
        variance = max(float(np.mean((z - X @ weights) ** 2)), 1e-6)
        return cls(weights, variance * inverse)

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the loss, each of shape (rows,)."""
        spread = np.einsum("ij,ij->i", X @ self.covariance, X)
        return X @ self.weights, np.sqrt(np.maximum(spread, 1e-12))


@frozen(slots=False, eq=False)
class Near:
    """A Gaussian process: trials are alike that differ in few columns."""

    X: np.ndarray
    factor: np.ndarray  # Cholesky's, of the covariance of the trials, noise included
    alpha: np.ndarray  # the weights of the trials
    rate: float

    @classmethod
    def fit(cls, X: np.ndarray, z: np.ndarray, rate: float, noise: float) -> Near:
        """Fit to rows of an encoding and standardized losses.

        Parameters
        ----------
        rate : float
            Of the decay of similarity with squared distance.
        noise : float
            The variance of a loss around what its row tells.
        """
        factor, alpha = _condition(np.exp(-rate * _apart(X, X)), z, noise)
        return cls(X, factor, alpha, rate)

    @staticmethod
    def settings(X: np.ndarray, z: np.ndarray) -> tuple[float, float]:
        """The rate and noise, of ``RATES`` and ``NOISES``, that foretell left-out trials best."""
        apart = _apart(X, X)
        kernels = [(rate, np.exp(-rate * apart)) for rate in RATES]
        tried = {(rate, noise): _error(*_condition(kernel, z, noise)) for rate, kernel in kernels for noise in NOISES}
        return min(tried, key=tried.__getitem__)

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the loss, each of shape (rows,)."""
        kernel = np.exp(-self.rate * _apart(X, self.X))
        whitened, _ = dtrtrs(self.factor, kernel.T, lower=1)
        explained = np.einsum("ij,ij->j", whitened, whitened)
        return kernel @ self.alpha, np.sqrt(np.maximum(1 - explained, 1e-9))


def _condition(kernel: np.ndarray, z: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Cholesky's factor of a covariance with noise, and the weights of the trials."""
    covariance = kernel.T.copy(order="F")  # in the order of LAPACK, which then works in place
    covariance[np.diag_indices_from(covariance)] += noise
    factor, _ = dpotrf(covariance, lower=1, overwrite_a=1)
    alpha, _ = dpotrs(factor, z, lower=1)
    return factor, alpha


def _error(factor: np.ndarray, alpha: np.ndarray) -> float:
    """The mean squared error of trials left out one at a time."""
    root, _ = dtrtri(factor, lower=1)
    precision = np.einsum("ij,ij->j", root, root)  # the diagonal of the covariance's inverse
    return float(np.mean(np.minimum((alpha / precision) ** 2, 9.0)))


def _apart(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    squares = np.sum(A**2, axis=1)[:, None] + np.sum(B**2, axis=1)[None] - 2 * A @ B.T
    distances: np.ndarray = np.maximum(squares, 0.0)
    return distances


def standardized(losses: np.ndarray) -> np.ndarray:
    """Losses with mean 0 and deviation 1, the worst cut off: how bad a bad trial is says little about good ones."""
    ascending = np.sort(losses)
    low, middle, high = ascending[0], ascending[len(losses) // 2], ascending[3 * (len(losses) - 1) // 4]
    cut = np.minimum(losses, max(high + 1.5 * (high - low), middle))
    spread = cut.std()
    z: np.ndarray = (cut - cut.mean()) / (spread if spread > 0 else 1.0)
    return z


def bounded(losses: np.ndarray, violations: np.ndarray) -> np.ndarray:
    """Losses; what breaks a constraint is worse than all that keep them."""
    kept = losses[violations == 0]
    if len(kept) == len(losses):
        return losses
    worst, span = (kept.max(), max(float(np.ptp(kept)), 1e-9)) if len(kept) else (0.0, 1.0)
    bounded: np.ndarray = np.where(violations == 0, losses, worst + span * violations)
    return bounded


def expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float) -> np.ndarray:
    """By how much a loss is expected to be below the best (Jones et al. 1998, J. Global Optimization 13)."""
    gap = best - mean
    u = gap / deviation
    density = np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    improvement: np.ndarray = gap * ndtr(u) + deviation * density
    return improvement
