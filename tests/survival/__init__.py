"""What survives: writers killed, disks full, databases away, clocks put back, racing writers; shown by commands."""
