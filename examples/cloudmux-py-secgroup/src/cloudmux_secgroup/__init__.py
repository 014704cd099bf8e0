"""Security groups: a resource type outside of cloudmux-py."""
