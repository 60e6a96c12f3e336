"""Reads of the portal: the figures of the home page, the cockpit of a district."""
