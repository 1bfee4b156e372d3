"""The outside world, imitated: weather providers and ad platforms over real HTTP, with lasting state and a journal.

The map: `app.py` takes a request through fault, answer and journal; `imitations.py` lists the imitated APIs, each a
folder of its own; `world.py` is what they share: replayed weather, ad accounts, clock, faults, journal; `control/` is
the sandbox's own `/_sandbox/` API.
"""
