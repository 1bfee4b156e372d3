"""Open-Meteo: `/v1/forecast` with `current` and `hourly`, from the recorded year.

Times are real and values replayed, as in the imitation of OpenWeather, and both tell of the same weather: what
OpenWeather's hour holds that begins at 14:00 stands here in the entry of 14:00 or, if it is about an interval, 15:00.
"""
