"""The search: proposes configurations, has them evaluated, records what came of it.

==============  ============================================================
file            holds
==============  ============================================================
``trial``       trials, evaluations, failures; the protocol of estimators
``searcher``    the protocol of searchers; ``searchers/`` are the ones here
``history``     what a search leaves: its trials and the best of them
``store``       the durable record of a study in a SQLite file
``edits``       what of a study goes on when its space is edited
``to_optuna``   a study as one of Optuna's
``executor``    where trials run: here, or in ``processes`` (``worker``)
``progress/``   what is shown meanwhile
``run``         the loop
``hypermodel``  a space, an estimator and a searcher as one object
``objective``   ``optimize``: the same for any Python function
==============  ============================================================

The search knows nothing of pipelines and data: it sees decisions, scores and an estimator to call.
"""
