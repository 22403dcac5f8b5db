"""Two small models of the loss, asked in turn.

The additive model sees the effect of each decision by itself, bends included; it learns from few trials and is right
where decisions act on their own. The Gaussian process sees what is near; it learns how decisions act together, and
which of them matter: trials that differ in the others alone are alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtri, dtrtrs
from scipy.special import ndtr

from hyperdsl.frozen import frozen

RIDGE = 0.3  # the prior precision of an effect, in units of the noise
RATES = (0.02, 0.06, 0.2, 0.6)  # of the decay of similarity with distance
NOISES = (0.01, 0.1)
STEPS = 8  # towards the weights of decisions
FIRST_STEP, LONGEST_STEP = 0.4, 1.0  # of the logarithm of a weight
SMALLEST, LARGEST = -5.0, 2.0  # logarithms of weights; the prior of these is normal with deviation 1


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
class Kernel:
    """How alike two trials are: ``exp(-rate * d)`` with ``d`` the squared distance of their scaled rows."""

    rate: float
    noise: float  # the variance of a loss around what its row tells
    scales: np.ndarray  # of the columns

    @classmethod
    def learn(cls, X: np.ndarray, z: np.ndarray, blocks: Sequence[tuple[int, int]]) -> Kernel:
        """The rate and noise, of ``RATES`` and ``NOISES``, that foretell left-out trials best; then the scales.

        ``blocks`` are the columns of each decision, from first to behind the last.
        """
        apart = _apart(X, X)
        kernels = [(rate, np.exp(-rate * apart)) for rate in RATES]
        tried = {(rate, noise): _error(*_condition(kernel, z, noise)) for rate, kernel in kernels for noise in NOISES}
        rate, noise = min(tried, key=tried.__getitem__)
        scales = np.ones(X.shape[1])
        varied = [(start, stop) for start, stop in blocks if np.any(X[:, start:stop] != X[0, start:stop])]
        if len(varied) > 1:
            parts = np.array([_apart(X[:, start:stop], X[:, start:stop]) for start, stop in varied])
            weights = _weights(parts, z, rate, noise)
            weighted = np.exp(-rate * np.tensordot(weights, parts, 1))
            if _error(*_condition(weighted, z, noise)) < tried[rate, noise]:
                for (start, stop), weight in zip(varied, weights.tolist(), strict=True):
                    scales[start:stop] = weight**0.5
        return cls(rate, noise, scales)


def _weights(parts: np.ndarray, z: np.ndarray, rate: float, noise: float) -> np.ndarray:
    """How much each decision counts: a step of each towards a higher posterior density, several times (Rprop).

    ``parts`` are the squared distances in each decision, shape (decisions, n, n). The density is the marginal
    likelihood of the losses (Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, eq. 5.9) times the
    prior.
    """
    flat = parts.reshape(len(parts), -1)
    logs, last, steps = np.zeros(len(parts)), np.zeros(len(parts)), np.full(len(parts), FIRST_STEP)
    for _ in range(STEPS):
        weights = np.exp(logs)
        kernel = np.exp(-rate * (weights @ flat)).reshape(parts.shape[1:])
        factor, alpha = _condition(kernel, z, noise)
        root, _ = dtrtri(factor, lower=1)
        slope = (np.outer(alpha, alpha) - root.T @ root) * kernel * (-0.5 * rate)
        sign = np.sign(weights * (flat @ slope.ravel()) - logs)
        steps = np.minimum(steps * np.where(sign * last > 0, 1.3, np.where(sign * last < 0, 0.5, 1.0)), LONGEST_STEP)
        logs = np.clip(logs + sign * steps, SMALLEST, LARGEST)
        last = sign
    return np.asarray(np.exp(logs))


@frozen(slots=False, eq=False)
class Near:
    """A Gaussian process: trials are alike that differ in few columns."""

    X: np.ndarray  # scaled
    factor: np.ndarray  # Cholesky's, of the covariance of the trials, noise included
    alpha: np.ndarray  # the weights of the trials
    kernel: Kernel

    @classmethod
    def fit(cls, X: np.ndarray, z: np.ndarray, kernel: Kernel) -> Near:
        """Fit to rows of an encoding and standardized losses."""
        scaled = X * kernel.scales
        factor, alpha = _condition(np.exp(-kernel.rate * _apart(scaled, scaled)), z, kernel.noise)
        return cls(scaled, factor, alpha, kernel)

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the loss, each of shape (rows,)."""
        alike = np.exp(-self.kernel.rate * _apart(X * self.kernel.scales, self.X))
        whitened, _ = dtrtrs(self.factor, alike.T, lower=1)
        explained = np.einsum("ij,ij->j", whitened, whitened)
        return alike @ self.alpha, np.sqrt(np.maximum(1 - explained, 1e-9))


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
