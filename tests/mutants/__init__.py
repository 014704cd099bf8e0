"""Deliberate breaks of the code, and what runs them: each must turn the tests red that hold its promise."""
