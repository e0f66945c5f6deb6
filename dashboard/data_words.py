"""Words for values of the data that are codes: categories and means of payment.

Stays out: segments, actions and models (`dashboard.terms`).
"""

from __future__ import annotations

from dashboard.i18n import N_, gettext

_PAYMENTS = {
    "boleto": N_("Boleto"),
    "credit_card": N_("Credit card"),
    "debit_card": N_("Debit card"),
    "voucher": N_("Voucher"),
}


def category_words(category: str | None) -> str:
    """A category to read: `health_beauty` is health beauty; the name itself is data and is not translated."""
    if category is None or category == "unknown":
        return gettext("category unknown")
    return category.replace("_", " ")


def payment_words(payment_type: str | None) -> str:
    """A means of payment in words; its name where it has none."""
    if payment_type is None or payment_type in ("unknown", "not_defined"):
        return gettext("Not known")
    return gettext(_PAYMENTS[payment_type]) if payment_type in _PAYMENTS else payment_type.replace("_", " ")
