"""The applications, on a ladder: each imports only what stands lower (docs: the ladder of apps)."""
