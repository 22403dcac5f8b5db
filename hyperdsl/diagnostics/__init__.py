"""Everything that is said to a user when something is wrong.

``model`` holds the types, ``render`` turns a diagnostic into text or JSON, ``suggest`` finds near names. The other
files hold the texts, one function per diagnostic, grouped by the stage that reports it:

===========  ==========================================================
codes        file
===========  ==========================================================
E01xx W01xx  ``syntax``, ``habits``: reading the text; ``characters`` from 0150, ``files`` from 0170
E02xx W02xx  ``names``: names, scopes, imports, cycles
E03xx W03xx  ``kinds``: values, ranges, choices, wiring, expansion
E04xx W04xx  ``modules``: the target libraries' classes and parameters
E05xx W05xx  ``configurations``: configurations given by a user
E06xx W06xx  ``data``: tables, columns, targets, metrics; ``arrays`` from 0612
E07xx W07xx  ``studies``: searching, trials, the store, model files
E08xx W08xx  ``environment``: missing packages, permissions, budgets; ``output`` from 0850: files of commands
E09xx N09xx  ``unsupported``: parsed, not supported yet; ``facts`` of the data from 0905; ``experiments`` from 0920: how
             a file has its space searched; ``exchange`` from 0950: other systems' spaces
===========  ==========================================================
"""

from hyperdsl.diagnostics.model import Diagnostic, HypError, Label, Reporter, Severity

__all__ = ["Diagnostic", "HypError", "Label", "Reporter", "Severity"]
