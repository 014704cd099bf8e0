"""Writes the files of a new resource type from the vendors' own typed models: ``make new-resource``."""
