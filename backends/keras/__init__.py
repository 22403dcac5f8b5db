"""Networks as Keras models: the function that builds one, and the estimator that trains it.

``functions`` writes a function ``build_network`` with the functional API; ``estimators`` are scikit-learn estimators
around such a function, which pipelines of ``backends.sklearn`` hold as their last step; ``building`` is the function
alive, ``classes`` the estimators as a script has them.
"""
