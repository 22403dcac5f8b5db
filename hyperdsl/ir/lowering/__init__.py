"""How a typed program becomes a graph: one file for each form, ``lower`` starts it."""
