"""One network that holds all candidates of a space, made of the same graph as they are.

``gates`` are its second input, what is decided; ``channels`` says which channels a tensor has; ``tensors`` merges what
decisions tell apart; ``layers`` makes layers, ``wiring`` walks the graph, ``model`` is the result.
"""
