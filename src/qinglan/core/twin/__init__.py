"""The twin: a district's own workforce rehearsed for years, month by month, under its own rules (ADR 0014)."""
