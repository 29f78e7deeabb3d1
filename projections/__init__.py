"""What follows from the events: disposable views, one file for each question."""
