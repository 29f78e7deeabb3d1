"""What is taken in and given back as whole files."""
