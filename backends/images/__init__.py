"""Where images come from: a function ``read_images`` for each kind of place, which scripts print.

It gives ``x``, shape (images, rows, columns, channels), and ``y``, shape (images,), where the classes are known.
"""
