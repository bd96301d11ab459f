"""The streams and their dead letters, as verbs read them and act on them."""
