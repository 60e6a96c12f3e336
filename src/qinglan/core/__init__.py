"""Pure domain: no Django, no clock, no database. Imported downwards only: year, rules, packs, frame."""
