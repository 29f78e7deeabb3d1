"""The readers of documents, one for each format, with what several of them share."""
