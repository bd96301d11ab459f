"""The operators' API: where claims stand, and how a person acts. Reads the claims' store, writes only to the desk's topic."""
