"""What PyTorch lacks of what Keras has; a script prints what it needs of this."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module: Any) -> None:
    """Begin as Keras does: Glorot's uniform weights, orthogonal recurrent ones, and no biases.

    Of an LSTM the biases of the gates that forget are 1.
    """
    if isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
    elif isinstance(module, nn.LSTM | nn.GRU):
        for name, weight in module.named_parameters():
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(weight)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(weight)
            else:
                nn.init.zeros_(weight)
                if isinstance(module, nn.LSTM) and name.startswith("bias_ih"):
                    nn.init.ones_(weight[module.hidden_size : 2 * module.hidden_size])
    elif isinstance(module, nn.Linear | nn.modules.conv._ConvNd):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def scale_variance(weight: Any, scale: float, fan: float, distribution: str) -> None:
    """Random weights whose variance is ``scale / fan``."""
    deviation = math.sqrt(scale / fan)
    if distribution == "uniform":
        nn.init.uniform_(weight, -math.sqrt(3) * deviation, math.sqrt(3) * deviation)
    elif distribution == "untruncated_normal":
        nn.init.normal_(weight, 0.0, deviation)
    else:
        deviation /= 0.87962566103423978  # what cutting a normal distribution at two deviations leaves
        nn.init.trunc_normal_(weight, 0.0, deviation, -2 * deviation, 2 * deviation)


def last_states(outputs: Any) -> Any:
    """What each direction of a recurrent layer ends with, side by side."""
    _, states = outputs
    states = states[0] if isinstance(states, tuple) else states
    return torch.cat([states[0], states[1]], dim=-1)


class AveragePool(nn.Module):  # type: ignore[misc]
    """The average of the values in a window, of which a part may lie outside."""

    def __init__(self, size: Any, stride: Any, edges: Any) -> None:
        super().__init__()
        self.size = size
        self.stride = stride
        self.edges = edges

    def forward(self, x: Any) -> Any:
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[x.dim() - 3]
        there = F.pad(torch.ones_like(x), self.edges)
        return pool(F.pad(x, self.edges), self.size, self.stride) / pool(there, self.size, self.stride)


class MultiHeadAttention(nn.Module):  # type: ignore[misc]
    """Attention with heads whose size does not depend on that of the query."""

    def __init__(
        self,
        width: int,
        heads: int,
        size: int,
        value_size: Any = None,
        value: Any = None,
        key: Any = None,
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(width, heads * size, bias=bias)
        self.key = nn.Linear(key or width, heads * size, bias=bias)
        self.value = nn.Linear(value or width, heads * (value_size or size), bias=bias)
        self.output = nn.Linear(heads * (value_size or size), width, bias=bias)

    def initialize(self) -> None:
        """Glorot's weights as Keras has them, whose sums are of single heads."""
        for linear in (self.query, self.key, self.value):
            size = linear.out_features // self.heads
            bound = math.sqrt(6 / (linear.in_features * (self.heads + size)))
            nn.init.uniform_(linear.weight, -bound, bound)
        bound = math.sqrt(6 / (self.output.in_features + self.heads * self.output.out_features))
        nn.init.uniform_(self.output.weight, -bound, bound)

    def forward(self, query: Any, value: Any, key: Any = None) -> Any:
        found = F.scaled_dot_product_attention(
            self._split(self.query(query)),
            self._split(self.key(value if key is None else key)),
            self._split(self.value(value)),
            dropout_p=self.dropout if self.training else 0.0,
        )
        return self.output(found.transpose(1, 2).flatten(2))

    def _split(self, x: Any) -> Any:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class RMSprop(torch.optim.Optimizer):  # type: ignore[misc]
    """RMSprop as Keras has it, with epsilon inside of the root."""

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
    ) -> None:
        defaults = {"lr": lr, "rho": rho, "momentum": momentum, "epsilon": epsilon, "centered": centered}
        super().__init__(parameters, defaults)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for weight in (w for w in group["params"] if w.grad is not None):
                state = self.state[weight]
                if not state:
                    state |= {name: torch.zeros_like(weight) for name in ("square", "mean", "velocity")}
                state["square"].lerp_(weight.grad.square(), 1 - group["rho"])
                spread = state["square"] + group["epsilon"]
                if group["centered"]:
                    state["mean"].lerp_(weight.grad, 1 - group["rho"])
                    spread = spread - state["mean"].square()
                state["velocity"].mul_(group["momentum"]).add_(group["lr"] * weight.grad / spread.sqrt())
                weight.sub_(state["velocity"])


def cosine_decay(
    step: int,
    initial_learning_rate: float,
    decay_steps: int,
    alpha: float = 0.0,
    warmup_target: Any = None,
    warmup_steps: int = 0,
) -> float:
    """A learning rate that falls along half a cosine, perhaps after it has risen."""
    if warmup_target is not None:
        if step < warmup_steps:
            return float(initial_learning_rate + (warmup_target - initial_learning_rate) * step / warmup_steps)
        step, initial_learning_rate = step - warmup_steps, warmup_target
    cosine = 0.5 * (1 + math.cos(math.pi * min(step, decay_steps) / decay_steps))
    return float(initial_learning_rate * ((1 - alpha) * cosine + alpha))


def exponential_decay(
    step: int, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False
) -> float:
    """A learning rate that falls by a factor every so many steps."""
    times = step // decay_steps if staircase else step / decay_steps
    return float(initial_learning_rate * decay_rate**times)


def inverse_time_decay(
    step: int, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False
) -> float:
    """A learning rate that falls with the inverse of the steps."""
    times = step // decay_steps if staircase else step / decay_steps
    return initial_learning_rate / (1 + decay_rate * times)


def polynomial_decay(
    step: int,
    initial_learning_rate: float,
    decay_steps: int,
    end_learning_rate: float = 0.0001,
    power: float = 1.0,
    cycle: bool = False,
) -> float:
    """A learning rate that falls along a power to an end, perhaps over and over."""
    steps = decay_steps * max(math.ceil(step / decay_steps), 1) if cycle else decay_steps
    share = min(step, steps) / steps
    return float((initial_learning_rate - end_learning_rate) * (1 - share) ** power + end_learning_rate)


def piecewise_constant_decay(step: int, boundaries: list[int], values: list[float]) -> float:
    """One learning rate after the other."""
    return values[sum(step > boundary for boundary in boundaries)]
