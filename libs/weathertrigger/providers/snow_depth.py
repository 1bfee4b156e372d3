"""From snow as water to its depth, where a provider tells only one of the two."""

CM_PER_MM = 0.7
"""Depth of fresh snow for a millimetre of water, the ratio that Open-Meteo uses: 7 cm of snow are 10 mm of water."""
