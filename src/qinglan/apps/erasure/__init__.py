"""Erasing a person (PIPL art. 47): who she was goes from every table; what was computed and paid stays under her number."""
