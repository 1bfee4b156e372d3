"""Open-Meteo: https://open-meteo.com/en/docs."""
