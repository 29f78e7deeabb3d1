"""What survives: writers killed, databases away, disks full, clocks put back, writers racing; each shown by a command."""
