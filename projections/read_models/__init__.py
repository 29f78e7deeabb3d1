"""Tables that the follower writes, one file each."""
