"""Forms that record and amend: one engine, one table of acts."""
