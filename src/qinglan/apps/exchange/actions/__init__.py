"""Writes of this app: tokens, answers kept by key, addresses to be told and the telling."""
