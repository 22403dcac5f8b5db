"""Where arrays come from: a function ``read_arrays`` for each kind of place, which scripts print.

It gives ``x``, shape (images, rows, columns, channels) or (series, steps, values), and ``y``, one for each row of it,
where the classes are known.
"""
