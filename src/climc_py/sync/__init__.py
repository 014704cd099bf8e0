"""Following the clouds: listing scopes side by side, proving what is gone, merging."""
