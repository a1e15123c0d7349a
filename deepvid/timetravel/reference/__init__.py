"""Forms of others as they are published, to compare with."""
