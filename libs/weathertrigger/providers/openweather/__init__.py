"""OpenWeather: current weather and forecast 2.5, One Call 3.0, geocoding. https://openweathermap.org/api."""
