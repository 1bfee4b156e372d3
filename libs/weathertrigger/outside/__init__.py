"""The outside world as the settings describe it: which weather provider, which ad platforms, and where they are.

A service without its key is off (semantics 27).
"""
