"""Checks of the tree: names, scopes, arguments; tree -> typed."""
