"""The fictional district 桃源区: invented people in invented places, marked 合成数据, area code 990101 (assigned to nobody).

Generated from a fixed seed without any of the rules: what it claims of the years 2023 to 2025 are facts, never results.
"""
