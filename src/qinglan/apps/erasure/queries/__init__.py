"""What belongs to a person, what becomes of each field, and what stands against erasing her."""
