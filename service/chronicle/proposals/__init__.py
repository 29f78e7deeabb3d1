"""What is proposed of a chronicle."""
