"""Whole numbers on the command line."""

import click


class WholeNumber(click.IntRange):
    """A whole number from `min` to `max`; what is none is told in these words."""

    name = "whole number"
