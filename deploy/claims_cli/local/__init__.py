"""The local stack: planned, started, supervised, looked at, stopped."""
