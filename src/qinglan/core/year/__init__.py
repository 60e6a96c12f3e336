"""The order of the rule families; one year or month computed, with steps. Page, batch and twin all go through it."""
