"""What is taken in and given back: chronicle files, imports, exports, backups, checkpoints."""
