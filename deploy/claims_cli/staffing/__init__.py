"""The agency's staff as operators see it: who is where, what lies with them, and how leave is entered."""
