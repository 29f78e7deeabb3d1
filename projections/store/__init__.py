"""The database of the views: engines, generations, snapshots."""
