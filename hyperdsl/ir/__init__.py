"""The graph: operations, meaning, text form, and how a typed program becomes one."""
