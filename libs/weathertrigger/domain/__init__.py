"""The words of the field as frozen dataclasses: no I/O, no clock, no environment."""
