"""Pages of results and packs."""
