"""WeatherTrigger's shared library: what at least two services need, and nothing else."""

__version__ = "0.1.0"
