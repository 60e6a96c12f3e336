"""Pages of imports and facts."""
