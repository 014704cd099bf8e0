"""The contract: what a resource, a region and an account of any cloud are, and what can go wrong."""
