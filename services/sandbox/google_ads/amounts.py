"""Which amounts of money and bid modifiers Google Ads takes."""

from services.sandbox.google_ads.errors import AdsError, Document

_MICROS = 1_000_000
_LOWEST_MODIFIER, _HIGHEST_MODIFIER = 0.1, 10.0
# Dealt in whole units, whatever ISO 4217 says of their decimals.
_WHOLE = frozenset(
    """
    BIF CLP COP CRC DJF GNF HUF IDR ISK JPY KMF KRW PYG RWF TWD UGX VND VUV XAF XOF XPF
    """.split()  # noqa: SIM905 - one code a line would hide the list
)


def smallest_unit(currency: str) -> int:
    """`billable_unit_micros` of the currency."""
    return _MICROS if currency in _WHOLE else _MICROS // 100


def judge_budget(micros: int, currency: str, smallest: int | None) -> AdsError | None:
    """At least the smallest budget of a day, and a whole number of the currency's smallest units."""
    unit = smallest_unit(currency)
    lowest = unit if smallest is None else smallest
    if micros < lowest:
        details: Document = {
            "budgetPerDayMinimumErrorDetails": {
                "currencyCode": currency,
                "budgetPerDayMinimumMicros": str(lowest),
                "minimumBudgetAmountMicros": str(lowest),
                "failedBudgetAmountMicros": str(micros),
            }
        }
        message = "The budget is below the per-day minimum."
        return AdsError("campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM", message, details=details)
    if micros % unit:
        message = "The amount is not a multiple of the minimum currency unit."
        return AdsError("campaignBudgetError", "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT", message)
    return None


def judge_bid(micros: int, currency: str) -> AdsError | None:
    """Above nothing, and a whole number of the currency's smallest units."""
    if micros <= 0:
        return AdsError("biddingError", "BID_TOO_SMALL", "The bid is too small.")
    if micros % smallest_unit(currency):
        message = "Bid must be a multiple of billable unit."
        return AdsError("currencyError", "VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT", message)
    return None


def judge_modifier(value: float) -> AdsError | None:
    """From 0.1 to 10."""
    if value < _LOWEST_MODIFIER:
        return AdsError("rangeError", "TOO_LOW", "Too low.")
    return AdsError("rangeError", "TOO_HIGH", "Too high.") if value > _HIGHEST_MODIFIER else None
