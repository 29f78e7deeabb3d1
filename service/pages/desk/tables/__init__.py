"""The page on which a spreadsheet is taken in."""
