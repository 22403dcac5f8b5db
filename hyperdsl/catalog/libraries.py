"""The target libraries: how each is found, what it is known to hold, and what reads it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib import import_module

from hyperdsl.catalog.model import Module
from hyperdsl.frozen import frozen

# Where Keras is not installed: names that no other library has, for which it is worth installing.
_KERAS_NAMES = frozenset(
    """
Activation ActivityRegularization Adadelta Adafactor Adagrad Adam Adamax AdamW AdaptiveAveragePooling1D
AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
Add AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D AveragePooling2D
AveragePooling3D BatchNormalization Bidirectional BinaryCrossentropy CategoricalCrossentropy CategoryEncoding
CenterCrop Concatenate ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D
Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D CosineDecay CosineDecayRestarts
Cropping1D Cropping2D Cropping3D CutMix Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout
EarlyStopping EinsumDense ELU Embedding Equalization ExponentialDecay Flatten Ftrl GaussianDropout GaussianNoise
GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D
GlobalMaxPooling3D GlorotNormal GlorotUniform GroupNormalization GroupQueryAttention GRU GRUCell HashedCrossing
Hashing HeNormal HeUniform IntegerLookup InverseTimeDecay L1L2 Lamb LayerNormalization LeakyReLU LecunNormal
LecunUniform Lion LossScaleOptimizer LSTM LSTMCell Masking Maximum MaxNorm MaxPooling1D MaxPooling2D
MaxPooling3D MeanSquaredError MelSpectrogram Minimum MinMaxNorm MixUp MultiHeadAttention Multiply Muon Nadam
NonNeg Normalization Orthogonal OrthogonalRegularizer Permute PiecewiseConstantDecay PolynomialDecay PReLU
RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop
RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert
RandomNormal RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear
RandomTranslation RandomUniform RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding
RMSNormalization RMSprop RNN ScheduleFreeAdamW SeparableConv1D SeparableConv2D SGD SimpleRNN SimpleRNNCell
Softmax Solarization SequenceVectorizer
SparseCategoricalCrossentropy SpatialDropout1D SpatialDropout2D SpatialDropout3D
SpectralNormalization StackedRNNCells STFT STFTSpectrogram StringLookup Subtract TextVectorization
TimeDistributed train TruncatedNormal UnitNorm UnitNormalization UpSampling1D UpSampling2D UpSampling3D
VarianceScaling ZeroPadding1D ZeroPadding2D ZeroPadding3D
""".split()  # noqa: SIM905 - as text it is read more easily
)
# Public names of Keras that a program cannot name: base classes and functions about them, what wraps live objects of
# other frameworks, what opens files or connections, and what the language says itself (`input`, `>>`, `&`).
KERAS_LEFT_OUT = frozenset(
    {
        *("Callback", "Constraint", "Initializer", "InputSpec", "Layer", "LearningRateSchedule", "Loss", "Metric"),
        *("Optimizer", "Regularizer", "Wrapper", "MeanMetricWrapper", "deserialize", "get", "legacy", "schedules"),
        *("serialize", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "MultiOptimizer", "OptimizerMap"),
        *("BackupAndRestore", "CSVLogger", "CallbackList", "History", "LambdaCallback", "ModelCheckpoint"),
        *("OrbaxCheckpoint", "ProgbarLogger", "RemoteMonitor", "TensorBoard", "Input", "InputLayer", "Mean", "Sum"),
        *("Pipeline", "add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"),
    }
)
_BOOSTING_READER = "hyperdsl.catalog.from_boosting"


@frozen
class Library:
    """One target library.

    Parameters
    ----------
    name : str
        The package to import.
    title : str
        What messages call it.
    distributions : tuple of str
        Names under which it is installed, in the form of metadata folders.
    extra : str
        The extra of this project that installs it.
    names : frozenset of str
        What it is known to hold without looking; empty where only looking tells.
    reader : str
        The module whose ``modules(library)`` reads it.
    folders : tuple of str
        Folders of the package whose ``__init__.py`` import what can be named; empty where ``names`` is complete.
    left_out : frozenset of str
        What these import and no program can name.
    """

    name: str
    title: str
    distributions: tuple[str, ...]
    extra: str = ""
    names: frozenset[str] = frozenset()
    reader: str = ""
    folders: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()

    def names_without_reading(self) -> frozenset[str]:
        """What the installed library may hold, found without importing it; empty where only reading tells."""
        if not self.folders:
            return self.names
        return self.names | _imported_names(self.name, self.folders) - self.left_out

    def read(self) -> list[Module]:
        """Import the library and list what programs can name of it: takes seconds."""
        read: Callable[[str], list[Module]] = import_module(self.reader).modules
        return read(self.name)


LIBRARIES = (
    Library("sklearn", "scikit-learn", ("scikit_learn",), reader="hyperdsl.catalog.from_sklearn"),
    Library(
        "lightgbm",
        "LightGBM",
        ("lightgbm",),
        "boosting",
        frozenset({"LGBMClassifier", "LGBMRanker", "LGBMRegressor"}),
        _BOOSTING_READER,
    ),
    Library(
        "xgboost",
        "XGBoost",
        ("xgboost", "xgboost_cpu"),
        "boosting",
        frozenset({"XGBClassifier", "XGBRFClassifier", "XGBRFRegressor", "XGBRanker", "XGBRegressor"}),
        _BOOSTING_READER,
    ),
    Library(
        "catboost",
        "CatBoost",
        ("catboost",),
        "boosting",
        frozenset({"CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor"}),
        _BOOSTING_READER,
    ),
    Library(
        "keras",
        "Keras",
        ("keras",),
        "keras-jax",
        _KERAS_NAMES,
        "hyperdsl.catalog.from_keras",
        (
            *("layers", "activations", "initializers", "regularizers", "constraints", "optimizers"),
            *("optimizers/schedules", "losses", "metrics", "callbacks"),
        ),
        KERAS_LEFT_OUT,
    ),
)


_IMPORTED = re.compile(r"\bas (\w+)")
_METADATA = re.compile(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")


def installed_versions() -> dict[str, str]:
    """Library name -> installed version, from the names of the metadata folders on ``sys.path``.

    Looking at names is a hundred times cheaper than importing ``importlib.metadata``, which is asked only where a
    library's folder stands on the path without such a neighbour. A folder is read again when it has changed.
    """
    present: set[str] = set()
    metadata: dict[str, str] = {}
    for folder in reversed(sys.path):
        found, versions = _read_folder(folder, _changed(folder))
        present |= found
        metadata |= versions
    installed: dict[str, str] = {}
    for library in LIBRARIES:
        version = next((metadata[d] for d in library.distributions if d in metadata), None)
        if version is None and library.name in present:
            version = _ask_metadata(library)
        if version is not None:
            installed[library.name] = version
    return installed


def _changed(folder: str) -> int:
    """When something was last added to a folder or removed; 0 where there is none."""
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _read_folder(folder: str, changed: int) -> tuple[frozenset[str], Mapping[str, str]]:
    """The libraries whose folders stand here, and distribution -> version of the metadata; ``changed`` is a key."""
    try:
        entries = os.listdir(folder or ".")
    except OSError:
        return frozenset(), {}
    versions: dict[str, str] = {}
    for entry in entries:
        match = _METADATA.fullmatch(entry) if entry.endswith("-info") else None
        if match:
            versions.setdefault(match[1].lower().replace("-", "_").replace(".", "_"), match[2])
    return frozenset(entries) & {library.name for library in LIBRARIES}, versions


@cache
def _imported_names(package: str, folders: tuple[str, ...]) -> frozenset[str]:
    """The names that ``from … import … as NAME`` gives to folders of an installed package; ``api`` may hold them."""
    names: set[str] = set()
    root = next((p for p in (os.path.join(f or ".", package) for f in sys.path) if os.path.isdir(p)), package)
    for folder in folders:
        for base in (root, os.path.join(root, "api")):
            try:
                with open(os.path.join(base, folder, "__init__.py"), encoding="utf-8") as file:
                    names.update(_IMPORTED.findall(file.read()))
            except OSError:
                continue
    return frozenset(names)


def _ask_metadata(library: Library) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    for distribution in library.distributions:
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None
