"""World dates: EDTF as it is written, the calendar, and bounds in UTC microseconds."""
