"""The fault matrix: what each command promises when a call meets a fault, and the proof that it keeps it."""
