"""Passwords, accounts and the limits of guessing."""

from __future__ import annotations

import hashlib
import time

import pytest

from dashboard.accounts import Accounts, read_accounts
from dashboard.passwords import COST, Cost, check_format, check_password, hash_password
from dashboard.rate_limit import MAX_KEYS, SlidingWindow, network

CHEAP = Cost(4, 8, 1)


def test_a_password_fits_its_hash_and_no_other_does() -> None:
    stored = hash_password("correct horse battery", CHEAP)
    assert check_password("correct horse battery", stored)
    assert not check_password("correct horse battery ", stored)
    assert not check_password("", stored)


def test_two_hashes_of_one_password_differ_by_their_salts() -> None:
    assert hash_password("x", CHEAP) != hash_password("x", CHEAP)


def test_a_hash_is_the_scrypt_of_rfc_7914() -> None:
    """The second test vector of section 12: P = "password", S = "NaCl", N = 1024, r = 8, p = 16."""
    expected = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    assert hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, dklen=64).hex().startswith(expected)
    stored = hash_password("password", Cost(10, 8, 16))
    assert stored.startswith("scrypt.10.8.16.")


def test_a_hash_needs_no_quoting_in_a_shell_or_a_list() -> None:
    assert not set(hash_password("pässwörd", CHEAP)) & set("$,:;'\"\\ #&|`!")


def test_the_cost_is_one_that_the_cheat_sheet_names() -> None:
    assert check_format(hash_password("x")) == COST == Cost(14, 8, 5)


@pytest.mark.parametrize(
    "stored",
    ["", "plain", "scrypt.4.8.1.x.y", "bcrypt.4.8.1." + "A" * 22 + "." + "A" * 43, "scrypt" + "." * 5],
)
def test_what_is_no_hash_is_refused(stored: str) -> None:
    with pytest.raises(ValueError, match="not a password's hash"):
        check_format(stored)


@pytest.mark.parametrize("cost", ["0.8.1", "4.0.1", "4.8.0", "40.8.1", "20.16.1"])
def test_a_cost_that_is_none_or_would_eat_the_memory_is_refused(cost: str) -> None:
    with pytest.raises(ValueError, match="out of bounds"):
        check_format(f"scrypt.{cost}.{'A' * 22}.{'A' * 43}")


def test_accounts_are_read_from_commas_and_lines() -> None:
    one, two = hash_password("a", CHEAP), hash_password("b", CHEAP)
    assert read_accounts(f"ana:{one},\n  b.c@d:{two} ") == {"ana": one, "b.c@d": two}
    assert read_accounts("") == {}


def test_only_the_right_pair_opens() -> None:
    accounts = Accounts({"ana": hash_password("a", CHEAP), "bob": hash_password("b", CHEAP)})
    assert accounts.check("ana", "a")
    assert not accounts.check("ana", "b")
    assert not accounts.check("eve", "a")
    assert not accounts.check("", "")


def test_an_unknown_user_costs_the_time_of_a_known_one() -> None:
    accounts = Accounts({"ana": hash_password("a", Cost(13, 8, 2))})

    def seconds(name: str) -> float:
        start = time.perf_counter()
        accounts.check(name, "wrong")
        return time.perf_counter() - start

    known = min(seconds("ana") for _ in range(5))
    unknown = min(seconds("eve") for _ in range(5))
    assert 0.5 < unknown / known < 2


def test_the_mark_of_a_user_changes_with_the_password_and_is_no_hash() -> None:
    one, two = hash_password("a", CHEAP), hash_password("b", CHEAP)
    assert Accounts({"ana": one}).mark("ana") != Accounts({"ana": two}).mark("ana")
    assert Accounts({"ana": one}).mark("eve") is None
    assert str(Accounts({"ana": one}).mark("ana")) not in one


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_slides() -> None:
    clock = Clock()
    window = SlidingWindow(limit=2, seconds=60, clock=clock)
    assert window.take("a") == 0
    clock.now += 40
    assert (window.take("a"), window.take("a"), window.take("b")) == (0, 20, 0)
    clock.now += 20
    assert (window.take("a"), window.take("a")) == (0, 40)


def test_a_rightful_try_is_given_back() -> None:
    window = SlidingWindow(limit=1, seconds=60, clock=Clock())
    assert window.take("a") == 0
    window.give_back("a")
    assert window.take("a") == 0


def test_the_memory_of_tries_has_an_end() -> None:
    window = SlidingWindow(limit=1, seconds=60, clock=Clock())
    for i in range(MAX_KEYS + 1):
        window.take(str(i))
    assert window.take("0") == 0
    assert window.take(str(MAX_KEYS)) > 0


def test_addresses_of_one_ipv6_network_are_one() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1")
    assert network("2001:db8::1") != network("2001:db8:0:1::1")
    assert (network("192.0.2.7"), network("testclient")) == ("192.0.2.7", "testclient")
