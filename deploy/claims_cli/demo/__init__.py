"""The demo: real claims and one of each trouble through the running system, expected against found."""
