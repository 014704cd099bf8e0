"""What climc knows: accounts, regions, scopes, rows, tags, tasks and events, as functions over the cache."""
