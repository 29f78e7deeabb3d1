"""What leaves the pages: citations, tables as CSV, embedded pages."""
