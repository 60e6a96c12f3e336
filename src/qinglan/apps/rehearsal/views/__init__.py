"""The pages of rehearsals: asking and reading."""
