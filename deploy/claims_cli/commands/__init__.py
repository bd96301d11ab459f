"""The verbs of the `claims` command, a module per group; each has a function `add(app)`."""
