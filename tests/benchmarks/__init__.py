"""What flxframe promises in figures, measured beside what people use today: ``python -m tests.benchmarks``."""
