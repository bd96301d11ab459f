"""The law as dated, cited data (`packs/`) and the pure functions that read it; see the README beside this file."""
