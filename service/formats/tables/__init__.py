"""Tables of spreadsheets, read as chronicles."""
