"""The promises of flxframe in figures, next to other clients: ``python -m tests.benchmarks``."""
