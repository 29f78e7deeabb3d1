"""The event log: the library's application, its recorders, the unit of work, encryption, the Merkle tree."""
