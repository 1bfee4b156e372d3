"""What the settings say of the outside world.

Apart from what is made of them, so that a command which calls nobody does not load what calls are made with.
"""

from dataclasses import dataclass
from datetime import timedelta

from weathertrigger import settings as declared
from weathertrigger.storage.readings import Ages


@dataclass(frozen=True, kw_only=True)
class WeatherSettings:
    """Keys and addresses of the weather providers, their limits, and how old their weather may be."""

    openweather_api_key: str | None = declared.OPENWEATHER_API_KEY.field()
    openweather_url: str = declared.OPENWEATHER_URL.field()
    openweather_api: str = declared.OPENWEATHER_API.field()
    openweather_calls_per_minute: int = declared.OPENWEATHER_CALLS_PER_MINUTE.field()
    openweather_calls_per_day: int = declared.OPENWEATHER_CALLS_PER_DAY.field()
    open_meteo_url: str | None = declared.OPEN_METEO_URL.field()
    open_meteo_api_key: str | None = declared.OPEN_METEO_API_KEY.field()
    open_meteo_calls_per_day: int = declared.OPEN_METEO_CALLS_PER_DAY.field()
    weather_refresh: timedelta = declared.WEATHER_REFRESH.field()
    forecast_refresh: timedelta = declared.FORECAST_REFRESH.field()
    weather_max_age: timedelta = declared.WEATHER_MAX_AGE.field()
    forecast_max_age: timedelta = declared.FORECAST_MAX_AGE.field()

    @property
    def ages(self) -> Ages:
        """How old what is known of a place may be."""
        return Ages(self.weather_refresh, self.forecast_refresh, self.weather_max_age)


@dataclass(frozen=True, kw_only=True)
class AdSettings:
    """Credentials and addresses of the ad platforms, the keys of those that accounts have of their own, and how soon
    after a raise the next one may follow."""

    credentials_keys: tuple[str, ...] | None = declared.CREDENTIALS_KEYS.field()
    meta_access_token: str | None = declared.META_ACCESS_TOKEN.field()
    meta_app_secret: str | None = declared.META_APP_SECRET.field()
    meta_url: str = declared.META_URL.field()
    meta_calls_per_hour: int = declared.META_CALLS_PER_HOUR.field()
    meta_budget_changes_per_hour: int = declared.META_BUDGET_CHANGES_PER_HOUR.field()
    google_ads_client_id: str | None = declared.GOOGLE_ADS_CLIENT_ID.field()
    google_ads_client_secret: str | None = declared.GOOGLE_ADS_CLIENT_SECRET.field()
    google_ads_refresh_token: str | None = declared.GOOGLE_ADS_REFRESH_TOKEN.field()
    google_ads_developer_token: str | None = declared.GOOGLE_ADS_DEVELOPER_TOKEN.field()
    google_ads_login_customer_id: str | None = declared.GOOGLE_ADS_LOGIN_CUSTOMER_ID.field()
    google_ads_calls_per_day: int = declared.GOOGLE_ADS_CALLS_PER_DAY.field()
    google_ads_url: str = declared.GOOGLE_ADS_URL.field()
    google_oauth_url: str = declared.GOOGLE_OAUTH_URL.field()
    raise_cool_down: timedelta = declared.RAISE_COOL_DOWN.field()
