"""What rehearsals are made of and what they say."""
