"""What sources say happened: permanent, and ignorant of web and views."""
