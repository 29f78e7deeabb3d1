"""The architecture, the map of rooms and the benchmarks hold."""
