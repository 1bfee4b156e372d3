"""The ad platforms that the settings have credentials for."""

from dataclasses import dataclass

from weathertrigger import settings as declared
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import PLATFORMS


@dataclass(frozen=True, kw_only=True)
class AdSettings:
    """Credentials and addresses of the ad platforms."""

    meta_access_token: str | None = declared.META_ACCESS_TOKEN.field()
    meta_app_secret: str | None = declared.META_APP_SECRET.field()
    meta_url: str = declared.META_URL.field()
    google_ads_client_id: str | None = declared.GOOGLE_ADS_CLIENT_ID.field()
    google_ads_client_secret: str | None = declared.GOOGLE_ADS_CLIENT_SECRET.field()
    google_ads_refresh_token: str | None = declared.GOOGLE_ADS_REFRESH_TOKEN.field()
    google_ads_developer_token: str | None = declared.GOOGLE_ADS_DEVELOPER_TOKEN.field()
    google_ads_login_customer_id: str | None = declared.GOOGLE_ADS_LOGIN_CUSTOMER_ID.field()
    google_ads_url: str = declared.GOOGLE_ADS_URL.field()
    google_oauth_url: str = declared.GOOGLE_OAUTH_URL.field()


def ad_platforms(settings: AdSettings) -> dict[str, AdPlatform]:
    """Every ad platform that has credentials, by name."""
    given = {
        "meta_ads": {
            "access_token": settings.meta_access_token,
            "app_secret": settings.meta_app_secret,
            "base_url": settings.meta_url,
        },
        "google_ads": {
            "client_id": settings.google_ads_client_id,
            "client_secret": settings.google_ads_client_secret,
            "refresh_token": settings.google_ads_refresh_token,
            "developer_token": settings.google_ads_developer_token,
            "login_customer_id": settings.google_ads_login_customer_id,
            "base_url": settings.google_ads_url,
            "oauth_url": settings.google_oauth_url,
        },
    }
    return {
        name: PLATFORMS[name]({key: value for key, value in credentials.items() if value is not None})
        for name, credentials in given.items()
        if next(iter(credentials.values())) is not None
    }
