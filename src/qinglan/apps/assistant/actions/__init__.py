"""What the assistant does: answers and counts, hands over, keeps cards and city values, measures, forgets."""
