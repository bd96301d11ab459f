"""Simulators of the outside: the identity provider and a mail server."""
