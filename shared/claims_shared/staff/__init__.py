"""Who works at the agencies, when, and who takes what: the staff, its file, and the assignment of work."""
