"""青蓝 Qinglan: the whole working life of a community worker, explained to the fen."""

__version__ = "0.1.0"
