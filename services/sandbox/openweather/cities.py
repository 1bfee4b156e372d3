"""Some places that the imitated geocoder knows: names, states and coordinates as OpenStreetMap has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class City:
    """`state` as answers show it, `state_code` as questions may name it; both only where there are states."""

    name: str
    country: str
    latitude: float
    longitude: float
    state: str | None = None
    state_code: str | None = None
    local_names: Mapping[str, str] = field(default_factory=dict)


def _american(name: str, state_code: str, latitude: float, longitude: float) -> City:
    return City(name, "US", latitude, longitude, _STATES[state_code], state_code, {"en": name})


_STATES = {
    "AZ": "Arizona",
    "CA": "California",
    "DE": "Delaware",
    "IL": "Illinois",
    "MA": "Massachusetts",
    "MO": "Missouri",
    "NJ": "New Jersey",
    "NY": "New York",
    "OH": "Ohio",
    "TX": "Texas",
}

CITIES: tuple[City, ...] = (
    _american("Newark", "NJ", 40.735657, -74.1723667),
    _american("Newark", "DE", 39.6837226, -75.7496572),
    _american("Newark", "OH", 40.0581205, -82.4012642),
    _american("Newark", "CA", 37.5296593, -122.0402399),
    City(
        "Newark on Trent",
        "GB",
        53.0762142,
        -0.8092446,
        "England",
        local_names={"en": "Newark on Trent", "feature_name": "Newark", "ascii": "Newark on Trent"},
    ),
    City("New York", "US", 40.7127281, -74.0060152, "New York", "NY", {"en": "New York", "es": "Nueva York"}),
    _american("Springfield", "IL", 39.7990175, -89.6439575),
    _american("Springfield", "MA", 42.1018764, -72.5886727),
    _american("Springfield", "MO", 37.2166779, -93.2920373),
    City("Paris", "FR", 48.8588897, 2.3200410, "Ile-de-France", local_names={"fr": "Paris", "it": "Parigi"}),
    _american("Paris", "TX", 33.6617962, -95.555513),
    _american("Phoenix", "AZ", 33.4484367, -112.074141),
    City("Lisbon", "PT", 38.7077507, -9.1365919, local_names={"en": "Lisbon", "pt": "Lisboa", "de": "Lissabon"}),
    City(
        "Zurich", "CH", 47.3744489, 8.5410422, "Zurich", local_names={"de": "Zürich", "fr": "Zurich", "ascii": "Zurich"}
    ),
    City("London", "GB", 51.5073219, -0.1276474, "England", local_names={"en": "London", "fr": "Londres"}),
    City("London", "CA", 42.9832406, -81.243372, "Ontario", local_names={"en": "London"}),
    City("Lyon", "FR", 45.7578137, 4.8320114, "Auvergne-Rhône-Alpes", local_names={"fr": "Lyon", "it": "Lione"}),
    City("Berlin", "DE", 52.5170365, 13.3888599, local_names={"de": "Berlin", "it": "Berlino"}),
    City(
        "São Paulo", "BR", -23.5506507, -46.6333824, "São Paulo", local_names={"pt": "São Paulo", "ascii": "Sao Paulo"}
    ),
    City("Tokyo", "JP", 35.6828387, 139.7594549, local_names={"en": "Tokyo", "ja": "東京都"}),
    City("Sydney", "AU", -33.8698439, 151.2082848, "New South Wales", local_names={"en": "Sydney"}),
)
"""In the order in which they are answered."""
