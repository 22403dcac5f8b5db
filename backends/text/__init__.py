"""Texts as what networks take; scripts print what they need of this."""
