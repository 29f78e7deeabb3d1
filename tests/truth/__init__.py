"""What is answered is what the design says."""
