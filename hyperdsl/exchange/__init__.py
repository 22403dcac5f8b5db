"""Spaces that were written elsewhere: compiled ones as JSON, and those of other systems as ``.hyp`` text."""
