"""Class hierarchies and the decisions that follow from them; `tree` is light, for both sides of the wall."""
