"""Rules written once: one file a family, compiled over columns; the closed list of shapes that packs fill."""
