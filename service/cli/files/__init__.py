"""Commands on files: taken in, checked, begun, given back."""
