"""The cache: SQL only, and the only place that knows any."""
