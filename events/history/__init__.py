"""What the streams of facts and sources say, read back: pure."""
