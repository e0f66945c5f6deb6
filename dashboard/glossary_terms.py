"""The terms of the pages in words, each with its horizon.

Stays out: the columns of the tables, which the snapshot's own glossary explains (`dashboard.queries.glossary`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.formatting import number, share
from dashboard.i18n import N_, gettext
from dashboard.queries.summary import About


@dataclass(frozen=True)
class GlossaryTerm:
    """A term and what it means, in the language of the request."""

    name: str
    meaning: str


_TERMS = (
    (N_("Customer"), N_("A person, however many orders they placed.")),
    (
        N_("Purchase"),
        N_(
            "An order that counts: not canceled, not unavailable, worth more than zero. Its value is price and "
            "freight of its items. Orders of one customer on one day are one occasion."
        ),
    ),
    (N_("Snapshot month"), N_("The month that all figures of a page are of.")),
    (
        N_("As-of date"),
        N_("The instant a snapshot looks from: only what was known before it is used, also for past months."),
    ),
    (
        N_("Horizon"),
        N_(
            "The days ahead that a prediction speaks of: %(days)s days for churn, %(cltv_days)s days for the "
            "lifetime value."
        ),
    ),
    (N_("Active customer"), N_("A customer whose last purchase lies within the last %(days)s days.")),
    (N_("Repurchase rate"), N_("Share of customers who have bought on more than one day so far.")),
    (
        N_("Recency"),
        N_("The days since the last purchase. In the model: the customer's age at the last purchase."),
    ),
    (N_("Frequency"), N_("Purchase days after the first one. A customer who bought once has none.")),
    (N_("T"), N_("The days since the first purchase: the customer's age.")),
    (N_("Monetary value"), N_("Mean value of the purchases after the first.")),
    (
        N_("Lifetime value (CLTV)"),
        N_(
            "What a customer is expected to spend in the %(cltv_days)s days after the snapshot, discounted by "
            "%(discount)s a year. Revenue, not profit."
        ),
    ),
    (N_("Expected revenue"), N_("The lifetime values of many customers added up, over %(cltv_days)s days.")),
    (
        N_("Expected purchases"),
        N_("How many purchases a customer is expected to make within the stated days."),
    ),
    (N_("Expected spend"), N_("The expected value of one purchase of a customer.")),
    (
        N_("Chance of being a customer still (p_alive)"),
        N_(
            "The lifetime-value model's chance that a customer buys at all any more. It can be 1 for everybody who "
            "bought once, so it is not used as churn risk."
        ),
    ),
    (
        N_("80%% interval"),
        N_(
            "The range that holds the true figure with a probability of 80%%, if the future is like the past. A "
            "customer's speaks of the expected value; a segment's of what will really be spent."
        ),
    ),
    (N_("Churn probability"), N_("The chance that a customer makes no purchase within %(days)s days.")),
    (
        N_("Churn sensitivity"),
        N_("What 30 more days without a purchase add to the churn probability, in percentage points."),
    ),
    (
        N_("Churn risk"),
        N_(
            "Red, yellow or green: the chance to return within %(days)s days against the average of all customers."
        ),
    ),
    (N_("Value at risk"), N_("What the customers in red have spent so far.")),
    (
        N_("Value tier"),
        N_("High Value: the customers of the highest lifetime value, one fifth unless set otherwise."),
    ),
    (
        N_("Age band"),
        N_("Child 0–12, Teen 13–19, Adult 20–64, Elderly 65+, or Unknown where no birth date was supplied."),
    ),
    (N_("RFM segment"), N_("A named group by how recently, how often and for how much customers bought.")),
    (
        N_("Recommended action"),
        N_("What to do about a customer next, with its reason; one action per customer."),
    ),
    (
        N_("Baseline"),
        N_(
            "A naive guess that a model has to beat, for example: everybody buys at the population's past rate."
        ),
    ),
    (
        N_("Ranking (ROC AUC)"),
        N_(
            "How often a customer who came back ranks above one who stayed away. 0.5 is a coin toss, 1 is perfect."
        ),
    ),
    (N_("Lift"), N_("Returning customers among the best-ranked tenth, against a random tenth.")),
    (N_("Calibration"), N_("Whether of customers with a predicted 5%% about 5%% come back.")),
    (
        N_("Drift (PSI)"),
        N_(
            "How far today's customers differ from those a model learned from. Below 0.1 hardly, above 0.25 much."
        ),
    ),
    (
        N_("Promoted, held back"),
        N_("A new version of a model serves only if it is no worse than the one that serves."),
    ),
    (
        N_("Not enough data"),
        N_("Too few purchases or too short a history for a figure. It is never replaced by a guess."),
    ),
)
_RULE_TERMS = (
    (N_("Churn risk: green"), N_("At least %(green)s times the average chance to return.")),
    (N_("Churn risk: red"), N_("Less than %(red)s times the average chance to return.")),
)


def glossary_terms(about: About) -> tuple[GlossaryTerm, ...]:
    """All terms in the language of the request, with the horizons and the rule of a snapshot; A to Z."""
    rule = about.risk_rule
    known = (*_TERMS, *_RULE_TERMS) if rule else _TERMS
    values = {
        "days": about.horizon_days,
        "cltv_days": about.cltv_horizon_days,
        "discount": share(about.annual_discount_rate),
        "green": number(rule.green_lift if rule else None, 2),
        "red": number(rule.red_lift if rule else None, 2),
    }
    terms = (GlossaryTerm(gettext(name, **values), gettext(meaning, **values)) for name, meaning in known)
    return tuple(sorted(terms, key=lambda term: term.name.casefold()))
