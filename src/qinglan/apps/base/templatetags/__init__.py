"""Template tags of every page: how figures are written, the parts pages are made of, the navigation."""
