"""The soak: an hour of mixed load against the emulator with faults, watched for what grows and for what is lost."""
