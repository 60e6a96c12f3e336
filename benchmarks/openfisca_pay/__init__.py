"""A small country package for openfisca-core with the same pay rules as ours, in the style its documentation recommends."""
