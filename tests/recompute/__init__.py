"""A second, independent computation of a year and of a month of pay, in plain Python, from frozen inputs and the text of a pack alone.

It shares nothing with the package: no kernel, no frame, no pack loader, not even a list of codes. It reads the Parquet tables (polars)
and the YAML of the pack (pyyaml), works in dicts, ints, dates and Fractions, and takes the families' arithmetic from tests.reference.
`year.compute` and `paymonth.compute` are its doors. tests/recompute/test_guard.py holds it to that.
"""
