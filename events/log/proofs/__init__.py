"""Proofs: the Merkle tree of the log, and the check of a whole log."""
