"""The `claims` command and the local stack behind it."""
