"""The sections of an experiment, one file each: settings, words and tiny form."""
