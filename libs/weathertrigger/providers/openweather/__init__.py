"""OpenWeather: https://openweathermap.org/current."""
