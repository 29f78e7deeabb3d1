"""Lists that are filtered, sorted and read page by page."""
