"""What somebody asks to follow."""
