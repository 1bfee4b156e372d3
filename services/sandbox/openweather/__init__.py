"""OpenWeather: current weather 2.5, forecast 2.5 and One Call 3.0, from the recorded year; geocoding from a list.

Times in an answer are real: observed just now, forecasts at real now + k steps. The values are those of replay time +
the same steps, so a forecast comes true at a replay speed of 1 and describes the replayed future at any other.
"""
