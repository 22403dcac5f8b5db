"""What one search needs beside its space, as texts and as the entries of an ``experiment``.

============  ====================================================================
file          holds
============  ====================================================================
``amounts``   times and sizes: ``"10 min"``, ``"500 MB"``
``folds``     the ways to split rows, by name
``metrics``   the metrics and costs, by name, without importing scikit-learn
``values``    the value of an entry: a constant, a word, a call
``entries``   the table of entries and what each takes
``reading``   the experiments of a program
============  ====================================================================
"""
