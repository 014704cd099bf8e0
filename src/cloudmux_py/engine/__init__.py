"""What every cloud needs once: bindings, the paging loop, proofs, retries, the HTTP session."""
