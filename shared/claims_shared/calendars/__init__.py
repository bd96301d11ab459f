"""The agencies' days: their zones, their holidays, and when a number of days ends. Pure; data with their sources."""
