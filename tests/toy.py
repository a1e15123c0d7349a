"""Names that tests of toy runs share."""

KEYS = [letter * 64 for letter in "abcdef"]
