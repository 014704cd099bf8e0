"""``climc``: a local cache of the resources of many cloud accounts, and their management."""
