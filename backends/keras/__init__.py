"""Networks as Keras models: the function that builds one, and the estimator that trains it.

``functions`` writes a function ``build_network`` with the functional API; ``estimators`` are scikit-learn estimators
around such a function, which pipelines of ``backends.sklearn`` hold as their last step.
"""

PARTS = (
    "keras.Input",
    "keras.Model",
    *(
        f"keras.{package}."
        for package in (
            *("activations", "constraints", "initializers", "layers", "losses", "metrics", "optimizers"),
            *("random", "regularizers"),
        )
    ),
)
"""What the functions of networks may name."""
