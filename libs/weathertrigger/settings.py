"""The environment variables that more than one service reads, each declared once. `docs/settings.md` lists them all."""

import re
from datetime import timedelta

from weathertrigger.environment import Setting
from weathertrigger.setting_readers import (
    credential,
    fernet_keys,
    ip_address,
    milliseconds,
    one_of,
    seconds,
    sentry_dsn,
    text,
    url,
    whole_number,
    word,
)

# PostgreSQL and Redis. Their URLs carry passwords, so they are secrets as a whole.
DATABASE_URL = Setting(
    "DATABASE_URL", url("postgresql", "postgres"), "PostgreSQL, where the truth is kept.", secret=True
)
REDIS_URL = Setting("REDIS_URL", url("redis", "rediss"), "Redis, for the schedule's bells and the queues.", secret=True)
REDIS_NAMESPACE = Setting(
    "REDIS_NAMESPACE", word, "Prefix of every key in Redis; one per installation.", default="weathertrigger"
)
EMBEDDED = Setting[str | None](
    "WEATHERTRIGGER_EMBEDDED",
    one_of("wheels", "path"),
    "Where embedded servers come from: the installed wheels or this machine's own. Unset: wheels, else the machine's.",
    default=None,
)

# Logs and errors.
LOG_LEVEL = Setting(
    "LOG_LEVEL",
    one_of("debug", "info", "warning", "error"),
    "The least severe line that is written: debug, info, warning or error.",
    default="info",
)
LOG_FORMAT = Setting(
    "LOG_FORMAT",
    one_of("json", "console", "auto"),
    "json, console (for people), or auto: console on a terminal, else json.",
    default="auto",
)
SENTRY_DSN = Setting[str | None](
    "SENTRY_DSN",
    sentry_dsn,
    "Project at Sentry that is told of errors and of what `notifications` lists; unset: nobody is.",
    default=None,
    secret=True,
)

# Workers.
WORKER_ID = Setting[str | None](
    "WORKER_ID",
    word,
    "Name of this worker among all workers, before its service and process number; unset: the host's name.",
    default=None,
)
WORKER_HEALTH_CHECK_INTERVAL = Setting(
    "WORKER_HEALTH_CHECK_INTERVAL",
    milliseconds(100, 3_600_000),
    "How often a worker gives a sign of life at the least.",
    default=timedelta(seconds=30),
    unit="milliseconds",
)
WORKER_MAX_CONCURRENT_JOBS = Setting(
    "WORKER_MAX_CONCURRENT_JOBS",
    whole_number(1, 64),
    "How many jobs (messages) one process of a worker does at the same time.",
    default=5,
)
WORKER_GRACEFUL_SHUTDOWN_TIMEOUT = Setting(
    "WORKER_GRACEFUL_SHUTDOWN_TIMEOUT",
    milliseconds(0, 3_600_000),
    "How long a worker that is told to stop may take to finish what it does.",
    default=timedelta(seconds=60),
    unit="milliseconds",
)

# Metrics, of the scheduler.
METRICS_PORT = Setting(
    "METRICS_PORT",
    whole_number(0, 65_535),
    "Port on which each scheduler tells Prometheus how the installation is, at `/metrics`; 0: on none.",
    default=0,
)
METRICS_HOST = Setting(
    "METRICS_HOST",
    ip_address,
    "Address at which it does so: 0.0.0.0 where Prometheus comes from elsewhere. Whoever reaches it may read.",
    default="127.0.0.1",
)

# The pace of the engine.
MINIMUM_INTERVAL = Setting(
    "MINIMUM_INTERVAL",
    seconds(1),
    "Shortest interval that a rule may have.",
    default=timedelta(minutes=5),
    unit="seconds",
)
WEATHER_REFRESH = Setting(
    "WEATHER_REFRESH",
    seconds(1),
    "A place's weather is asked for again when it is older than this.",
    default=timedelta(minutes=10),
    unit="seconds",
)
FORECAST_REFRESH = Setting(
    "FORECAST_REFRESH",
    seconds(1),
    "A place's forecast is asked for again when it is older than this; one that comes with the weather is taken too.",
    default=timedelta(hours=1),
    unit="seconds",
)
WEATHER_MAX_AGE = Setting(
    "WEATHER_MAX_AGE",
    seconds(60),
    "Weather that was observed longer ago than this is unknown.",
    default=timedelta(minutes=90),
    unit="seconds",
)
FORECAST_MAX_AGE = Setting(
    "FORECAST_MAX_AGE",
    seconds(60),
    "A forecast that was fetched longer ago than this is unknown.",
    default=timedelta(hours=3),
    unit="seconds",
)
WEATHER_RETENTION_DAYS = Setting(
    "WEATHER_RETENTION_DAYS",
    whole_number(8, 36_500),
    "How long readings are kept, for windows into the past, explanations and plots.",
    default=400,
    unit="days",
)

# OpenWeather.
OPENWEATHER_API_KEY = Setting[str | None](
    "OPENWEATHER_API_KEY", credential, "Key of OpenWeather; unset: the provider is off.", default=None, secret=True
)
OPENWEATHER_URL = Setting(
    "OPENWEATHER_URL", url("https", "http"), "Address of OpenWeather.", default="https://api.openweathermap.org"
)
OPENWEATHER_API = Setting(
    "OPENWEATHER_API",
    one_of("2.5", "3.0"),
    "2.5 (current weather, and the forecast of 5 days in a call of its own) or 3.0 (One Call, all in one).",
    default="2.5",
)
OPENWEATHER_CALLS_PER_MINUTE = Setting(
    "OPENWEATHER_CALLS_PER_MINUTE", whole_number(1, 1_000_000), "Calls that the plan allows in a minute.", default=60
)
OPENWEATHER_CALLS_PER_DAY = Setting(
    "OPENWEATHER_CALLS_PER_DAY",
    whole_number(1, 100_000_000),
    "Calls that are made in 24 hours at most; of One Call, more than 1000 are billed.",
    default=1000,
)

# Open-Meteo, which steps in when OpenWeather cannot answer.
OPEN_METEO_URL = Setting[str | None](
    "OPEN_METEO_URL",
    url("https", "http"),
    "Address of Open-Meteo; unset: the customers' host if there is a key, else the provider is off. The free host, "
    "https://api.open-meteo.com, is for non-commercial use.",
    default=None,
)
OPEN_METEO_API_KEY = Setting[str | None](
    "OPEN_METEO_API_KEY", credential, "Key of an Open-Meteo customer.", default=None, secret=True
)
OPEN_METEO_CALLS_PER_DAY = Setting(
    "OPEN_METEO_CALLS_PER_DAY",
    whole_number(1, 100_000_000),
    "Calls that are made in 24 hours at most, as Open-Meteo counts them: a place with its forecast is about four.",
    default=10_000,
)

# Changes of ads.
RAISE_COOL_DOWN = Setting(
    "RAISE_COOL_DOWN",
    seconds(0),
    "So long after a raise of a field (a higher amount, or enabled) it is not raised again; nothing that lowers waits.",
    default=timedelta(minutes=15),
    unit="seconds",
)
CHANGE_ATTEMPTS = Setting(
    "CHANGE_ATTEMPTS",
    whole_number(1, 1000),
    "So often a change is sent whose answer never comes; then it has failed. A way back is tried again every hour.",
    default=10,
)

# Credentials of ad accounts.
CREDENTIALS_KEYS = Setting[tuple[str, ...] | None](
    "CREDENTIALS_KEYS",
    fernet_keys,
    "Keys of the credentials that ad accounts have of their own, from `accounts new-key`, separated by commas; the "
    "first encrypts, all decrypt.",
    default=None,
    secret=True,
)

# Meta ads.
META_ACCESS_TOKEN = Setting[str | None](
    "META_ACCESS_TOKEN", credential, "Token of a Meta system user; unset: Meta ads are off.", default=None, secret=True
)
META_APP_SECRET = Setting[str | None](
    "META_APP_SECRET", credential, "Secret of the Meta app, to sign calls with; optional.", default=None, secret=True
)
META_URL = Setting(
    "META_URL", url("https", "http"), "Address of Meta's Graph API.", default="https://graph.facebook.com"
)
META_CALLS_PER_HOUR = Setting(
    "META_CALLS_PER_HOUR",
    whole_number(5, 100_000_000),
    "Calls that are made for one Meta ad account in an hour at most; each entity read and each change is one. "
    "`accounts set-limit` says otherwise for one account.",
    default=200,
)
META_BUDGET_CHANGES_PER_HOUR = Setting(
    "META_BUDGET_CHANGES_PER_HOUR",
    whole_number(2, 1_000_000),
    "How often Meta lets the budget of one ad set be changed in an hour; a raise needs two of them, its own and that "
    "of its way back.",
    default=4,
)


def customer_id(value: str) -> str:
    """A Google Ads customer id: ten digits, hyphens allowed as Google's pages print them."""
    digits = value.replace("-", "")
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise ValueError("must be ten digits, such as 123-456-7890")
    return digits


# Google Ads.
GOOGLE_ADS_CLIENT_ID = Setting[str | None](
    "GOOGLE_ADS_CLIENT_ID", text, "OAuth client of Google Ads; unset: Google Ads is off.", default=None
)
GOOGLE_ADS_CLIENT_SECRET = Setting[str | None](
    "GOOGLE_ADS_CLIENT_SECRET", credential, "Secret of that OAuth client.", default=None, secret=True
)
GOOGLE_ADS_REFRESH_TOKEN = Setting[str | None](
    "GOOGLE_ADS_REFRESH_TOKEN", credential, "Refresh token of the Google Ads user.", default=None, secret=True
)
GOOGLE_ADS_DEVELOPER_TOKEN = Setting[str | None](
    "GOOGLE_ADS_DEVELOPER_TOKEN", credential, "Developer token, where Google asks for one.", default=None, secret=True
)
GOOGLE_ADS_LOGIN_CUSTOMER_ID = Setting[str | None](
    "GOOGLE_ADS_LOGIN_CUSTOMER_ID", customer_id, "Manager account through which accounts are reached.", default=None
)
GOOGLE_ADS_CALLS_PER_DAY = Setting(
    "GOOGLE_ADS_CALLS_PER_DAY",
    whole_number(5, 100_000_000),
    "Operations at Google Ads in 24 hours at most, over all accounts; each search and each change is one. `accounts "
    "set-limit` gives one account no more than a part of them.",
    default=10_000,
)
GOOGLE_ADS_URL = Setting(
    "GOOGLE_ADS_URL", url("https", "http"), "Address of the Google Ads API.", default="https://googleads.googleapis.com"
)
GOOGLE_OAUTH_URL = Setting(
    "GOOGLE_OAUTH_URL",
    url("https", "http"),
    "Address of Google's token service.",
    default="https://oauth2.googleapis.com",
)

SHARED: tuple[Setting[object], ...] = tuple(value for value in tuple(vars().values()) if isinstance(value, Setting))
