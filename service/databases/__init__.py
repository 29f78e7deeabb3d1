"""The chronology on its databases: primary, replica, connections, errors."""
