"""Packs in force, runs, results, holds, sign-off and publication."""
