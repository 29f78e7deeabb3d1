"""Who is asking: parse, call one function, answer."""
