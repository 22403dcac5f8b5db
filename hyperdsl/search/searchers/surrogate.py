"""Two small models of the loss, and the one to trust: whichever foretells trials that it has not seen better.

The additive model sees the effect of each decision by itself, bends included; it learns from few trials and is right
where decisions act on their own. The Gaussian process sees what is near; it learns how decisions act together.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
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
    error: float  # mean squared, of trials left out one at a time

    @classmethod
    def fit(cls, X: np.ndarray, z: np.ndarray) -> Additive:
        """Fit to rows of an encoding, shape (n, width), and standardized losses, shape (n,)."""
        inverse = np.linalg.inv(X.T @ X + RIDGE * np.eye(X.shape[1]))
        half = X @ inverse
        weights = inverse @ (X.T @ z)
        leverage = np.minimum(np.einsum("ij,ij->i", half, X), 0.999)
        left_out = (z - X @ weights) / (1 - leverage)
        variance = max(float(np.mean((z - X @ weights) ** 2)), 1e-6)
        return cls(weights, variance * inverse, float(np.mean(np.minimum(left_out**2, 9.0))))

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the loss, each of shape (rows,)."""
        spread = np.einsum("ij,jk,ik->i", X, self.covariance, X)
        return X @ self.weights, np.sqrt(np.maximum(spread, 1e-12))


@frozen(slots=False, eq=False)
class Near:
    """A Gaussian process: trials are alike that differ in few columns."""

    X: np.ndarray
    factor: np.ndarray
    alpha: np.ndarray
    rate: float
    error: float

    @classmethod
    def fit(cls, X: np.ndarray, z: np.ndarray, rates: tuple[float, ...], noises: tuple[float, ...]) -> Near:
        """Fit with the rate and noise, of those given, that foretell left-out trials best."""
        apart = _apart(X, X)
        best: Near | None = None
        for rate in rates:
            kernel = np.exp(-rate * apart)
            for noise in noises:
                factor, _ = cho_factor(kernel + noise * np.eye(len(X)), lower=True)
                inverse = cho_solve((factor, True), np.eye(len(X)))
                alpha = inverse @ z
                error = float(np.mean(np.minimum((alpha / np.diag(inverse)) ** 2, 9.0)))
                if best is None or error < best.error:
                    best = cls(X, np.tril(factor), alpha, rate, error)
        assert best is not None
        return best

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the loss, each of shape (rows,)."""
        kernel = np.exp(-self.rate * _apart(X, self.X))
        spread = solve_triangular(self.factor, kernel.T, lower=True)
        return kernel @ self.alpha, np.sqrt(np.maximum(1 - np.sum(spread**2, axis=0), 1e-9))


def _apart(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    squares = np.sum(A**2, axis=1)[:, None] + np.sum(B**2, axis=1)[None] - 2 * A @ B.T
    distances: np.ndarray = np.maximum(squares, 0.0)
    return distances


def standardized(losses: np.ndarray) -> np.ndarray:
    """Losses with mean 0 and deviation 1, the worst cut off: how bad a bad trial is says little about good ones."""
    low, middle, high = np.quantile(losses, (0.0, 0.5, 0.75))
    cut = np.minimum(losses, max(high + 1.5 * (high - low), middle))
    spread = cut.std()
    z: np.ndarray = (cut - cut.mean()) / (spread if spread > 0 else 1.0)
    return z


def expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float) -> np.ndarray:
    """By how much a loss is expected to be below the best (Jones et al. 1998, J. Global Optimization 13)."""
    gap = best - mean
    u = gap / deviation
    density = np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    improvement: np.ndarray = gap * ndtr(u) + deviation * density
    return improvement
