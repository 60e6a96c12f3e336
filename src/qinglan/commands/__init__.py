"""What the `qinglan` command does: one thin module a subject; each command calls one function."""
