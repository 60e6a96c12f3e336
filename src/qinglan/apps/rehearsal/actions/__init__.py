"""What changes rehearsals: asked for, lived, cancelled, taken up as a draft pack."""
