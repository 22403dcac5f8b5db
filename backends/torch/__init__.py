"""Networks as plain PyTorch: the module that is one, and the estimator that trains it. A script has no need of Keras.

``network`` writes a class ``Network`` from the plan that ``backends.keras`` writes a function from; what each layer of
Keras is in PyTorch stand in ``layers``, ``windows`` and ``sequences``. ``training`` writes optimizers, schedules and
losses. ``estimators`` and ``parts`` are real classes and functions, which scripts print.

Tensors keep the axes that they have in Keras, channels last, at both ends of a network and where layers such as
``Flatten`` and ``Dense`` see their order; between convolutions channels stand first, as PyTorch has them.
"""

from hyperdsl.backends.sklearn import SklearnBackend
from hyperdsl.backends.torch.trainer import TorchTrainer

BACKEND = SklearnBackend("pytorch", ("sklearn", "torch"), TorchTrainer())
