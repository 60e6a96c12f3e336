"""The frame: one row a worker (or unit, or month) as of a date; its columns, units, codes and missing values."""
