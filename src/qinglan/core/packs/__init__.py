"""Policy packs: dated values with their sources; load, validate, merge, pick by date, compare, say in words."""
