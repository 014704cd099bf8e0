"""Status words, the same for every cloud; a state that none of them fits keeps the cloud's own word."""

AVAILABLE = "available"
UNAVAILABLE = "unavailable"
CREATING = "creating"
DELETING = "deleting"
DELETE_FAILED = "delete_failed"
ISOLATED = "isolated"
UNKNOWN = "unknown"
