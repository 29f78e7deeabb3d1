"""The reading desk: a text beside the facts that are made of its marked words."""
