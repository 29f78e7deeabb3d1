"""The vocabulary, one file for each subject kind; a new kind is one class in one of them."""
