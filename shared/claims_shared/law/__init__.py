"""Policy packs and the functions that read them."""
