"""The words of an alert, in the language of the request, made from what it is about and its figures.

Stays out: finding alerts (`assets.publish.alerts`) and their place on a page (`dashboard.pages.alerts`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.formatting import count, share, signed_points
from dashboard.i18n import N_, gettext, ngettext
from dashboard.links import customers_link, profile_link
from dashboard.queries.alerts import Alert
from dashboard.statements import asked_of, said
from dashboard.terms import DIMENSIONS, HIGH_VALUE, RED, dimension_label, model_label, term

KIND_NAMES = {
    "customers_turned_red": N_("High-value customers"),
    "customer_turned_red": N_("High-value customers that turned red"),
    "segment_jumped": N_("Segments that jumped"),
    "model_warning": N_("Model warnings"),
    "data_warning": N_("Data warnings"),
}
SEVERITY_NAMES = {"critical": N_("Critical"), "warning": N_("Warning")}


@dataclass(frozen=True)
class AlertWords:
    """An alert as read: a title, a sentence, and what was observed or why.

    `subject` is the customer, table or check it is about where the title does not say it, and stays as it is; `link`
    leads to the customers it is about and is empty where there are none.
    """

    title: str
    text: str
    subject: str
    detail: str
    link: str
    link_text: str


def alert_words(alert: Alert, horizon_days: int) -> AlertWords:
    """The words of an alert; one of an unknown kind shows its subject and the message stored with it."""
    if alert.kind == "customers_turned_red":
        return _customers(alert, horizon_days)
    if alert.kind == "customer_turned_red":
        return _customer(alert, horizon_days)
    if alert.kind == "segment_jumped" and alert.dimension in DIMENSIONS:
        return _segment(alert)
    if alert.kind == "data_warning":
        return _data(alert)
    if alert.kind == "model_warning":
        return _model(alert)
    return AlertWords(alert.subject, alert.message, "", "", "", "")


def kind_name(kind: str) -> str:
    """What a kind of alerts is called; an unknown one by its own name."""
    return gettext(KIND_NAMES[kind]) if kind in KIND_NAMES else kind


def severity_name(severity: str) -> str:
    """What a severity is called; an unknown one by its own name."""
    return gettext(SEVERITY_NAMES[severity]) if severity in SEVERITY_NAMES else severity


def _customers(alert: Alert, days: int) -> AlertWords:
    number = round(alert.value or 0)
    return AlertWords(
        title=ngettext(
            "%(customers)s high-value customer turned red",
            "%(customers)s high-value customers turned red",
            number,
            customers=count(number),
        ),
        text=gettext(
            "Green or yellow in the snapshot before; now unlikely to buy again within %(days)s days.",
            days=days,
        ),
        subject="",
        detail=_detail(alert),
        link=customers_link(value_tier=HIGH_VALUE, risk_band=RED),
        link_text=gettext("All red high-value customers"),
    )


def _customer(alert: Alert, days: int) -> AlertWords:
    text = gettext(
        "Probability of not buying again within %(days)s days: %(now)s, and %(before)s in the snapshot before.",
        days=days,
        now=share(alert.value),
        before=share(alert.value_before),
    )
    link = profile_link(alert.subject)
    title = gettext("High-value customer turned red")
    return AlertWords(title, text, alert.subject, _detail(alert), link, gettext("Open the profile"))


def _segment(alert: Alert) -> AlertWords:
    assert alert.dimension is not None
    named = {
        "dimension": dimension_label(alert.dimension),
        "segment": term(alert.dimension, alert.subject).label,
        "before": share(alert.value_before),
        "now": share(alert.value),
    }
    change = (alert.value or 0.0) - (alert.value_before or 0.0)
    if change >= 0:
        title = gettext(
            "%(dimension)s “%(segment)s” grew from %(before)s to %(now)s of all customers", **named
        )
    else:
        title = gettext(
            "%(dimension)s “%(segment)s” shrank from %(before)s to %(now)s of all customers", **named
        )
    text = gettext("%(change)s of the customer base since the snapshot before.", change=signed_points(change))
    link = customers_link(**{alert.dimension: alert.subject})
    return AlertWords(title, text, "", _detail(alert), link, gettext("Customers of this segment"))


def _data(alert: Alert) -> AlertWords:
    text = gettext("Asked of the data: %(statement)s The run went on.", statement=asked_of(alert))
    checked = " ".join(name for name in (alert.subject, alert.expectation) if name)
    return AlertWords(gettext("A data check did not hold"), text, checked, _detail(alert), "", "")


def _model(alert: Alert) -> AlertWords:
    title = gettext("Model “%(model)s”: the newest version does not serve", model=model_label(alert.subject))
    text = gettext(
        "It could not be fitted, or it was held back in favour of the version that serves; the reason:"
    )
    return AlertWords(title, text, "", _detail(alert), "", "")


def _detail(alert: Alert) -> str:
    return said(alert.detail_coded, alert.detail)
