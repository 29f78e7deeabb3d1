"""The pages as their readers meet them."""
