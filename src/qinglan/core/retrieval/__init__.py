"""Offline questions and answers: cards, tokens, index, rank; answer, ask back, refuse or hand over (`assistant.ai98`)."""
