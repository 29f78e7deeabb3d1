"""Questions of lists: what there is to choose from, and orders beside that of ids."""
