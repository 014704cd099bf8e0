"""Work that outlives the process that began it."""
