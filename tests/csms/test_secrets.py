"""Passwords and keys are neither stored nor shown, whatever the frame they come in looks like."""

import json
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.csms.secrets import HIDDEN, LONGEST_STORED, presentable

SECRET = "0123abcd-do-not-tell"


def shown(frame):
    return presentable(json.dumps(frame))


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}],
        [2, "1", "ChangeConfiguration", {"value": SECRET, "key": "authorizationKEY"}],
        [3, "1", {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": SECRET}]}],
        [3, "1", {"configurationKey": [{"key": "wifiPassword", "value": SECRET}, {"key": "ApnPass", "value": SECRET}]}],
        [2, "1", "ChangeConfiguration", {"key": "FtpPasswd", "value": [SECRET, {"x": SECRET}]}],
        [2, "1", "SetVariables", {"v": [{"variable": {"name": "BasicAuthPassword"}, "attributeValue": SECRET}]}],
        [2, "1", "DataTransfer", {"vendorId": "x", "messageId": "SetPassword", "data": SECRET}],
        [2, "1", "DataTransfer", {"vendorId": "x", "data": json.dumps({"password": SECRET})}],
        [2, "1", "DataTransfer", {"vendorId": "x", "data": json.dumps({"d": json.dumps({"Secret": SECRET})})}],
        [2, "1", "DataTransfer", {"vendorId": "x", "data": f"user=a&password={SECRET}"}],
        [2, "1", "DataTransfer", {"vendorId": "x", "data": {"wifi": {"passphrase": SECRET}}}],
        [2, "1", "DataTransfer", {"password": {"old": SECRET, "new": SECRET}}],
        [4, "1", "FormationViolation", 'got\n{"key": "AuthorizationKey", "value": "' + SECRET + '"}', {}],
        [4, "1", "GenericError", "", {"cause": f"clientSecret: {SECRET}"}],
        {"password": SECRET},
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(frame):
    assert SECRET in json.dumps(frame).replace("\\", "")
    assert SECRET not in shown(frame)
    assert HIDDEN in shown(frame)


def test_a_name_spelled_in_escapes_is_the_same_name():
    frame = json.dumps([2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}])
    assert SECRET not in presentable(frame.replace("Key", r"\u004bey"))


@pytest.mark.parametrize("head", ['{"key":"AuthorizationKey","value":"%s"', '{"value":"%s","key":"AuthorizationKey"'])
@pytest.mark.parametrize("tail", ["", "\x01}]", "]]", ',"n":NaN}]', "}]\0"])
def test_a_frame_that_cannot_be_read_is_not_trusted_with_any_part_of_what_it_carries(head, tail):
    broken = '[2,"17","ChangeConfiguration",' + head % SECRET + tail
    kept = presentable(broken)
    assert SECRET not in kept
    assert kept.startswith('[2,"17","ChangeConfiguration",')


def test_an_unreadable_error_that_quotes_a_secret_is_cut_before_it():
    assert presentable(f'[4,"1","X","password={SECRET}",{{') == '[4,"1","X","' + HIDDEN


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "GetConfiguration", {"key": ["AuthorizationKey", "HeartbeatInterval"]}],
        [3, "1", {"configurationKey": [{"key": "HeartbeatInterval", "value": "300"}], "unknownKey": ["wifiPassword"]}],
        [2, "1", "Authorize", {"idTag": "04A1B2C3"}],
        [3, "1", {"status": "Accepted"}],
        [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": None}],
        [2, "1", "SecurityEventNotification", {"type": "InvalidCentralSystemCertificate", "techInfo": "bad password"}],
        [2, "1", "DataTransfer", {"vendorId": "Säule", "data": "caf\u00e9 \u2028"}],
    ],
)
def test_what_is_no_secret_stays_as_it_was_sent(frame):
    assert shown(frame) == json.dumps(frame)


def test_only_the_value_of_a_secret_goes():
    frame = [3, "1", {"configurationKey": [{"key": "AuthorizationKey", "value": SECRET}, {"key": "A", "value": "b"}]}]
    assert json.loads(shown(frame))[2]["configurationKey"] == [
        {"key": "AuthorizationKey", "value": HIDDEN},
        {"key": "A", "value": "b"},
    ]


def test_a_broken_frame_without_a_secret_is_shown_whole():
    assert presentable('[2,"1","Authorize",{"idTag":"\\u0030') == '[2,"1","Authorize",{"idTag":"\\u0030'


def test_a_long_frame_is_shown_in_part_with_its_length():
    kept = presentable('[2,"1","DataTransfer",{"data":"' + "x" * 100_000 + '"}]')
    assert kept.startswith('[2,"1","DataTransfer"')
    assert LONGEST_STORED <= len(kept) < LONGEST_STORED + 20
    assert kept.endswith("(100034)")


@pytest.mark.parametrize("depth", [10, 100, 900, 100_000])
def test_nesting_as_deep_as_it_may_be_is_no_way_out(depth):
    assert SECRET not in presentable("[" * depth + '{"password":"' + SECRET + '"}' + "]" * depth)


words = st.sampled_from(
    [
        "password",
        "AuthorizationKey",
        "key",
        "value",
        "data",
        SECRET,
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\0",
        "\\u",
    ]
)


@given(st.lists(words | st.characters(exclude_categories=["Cs"]), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_whatever_is_given_becomes_text_that_a_database_keeps_whole(raw):
    kept = presentable(raw)
    assert sqlite3.connect(":memory:").execute("select ?", [kept]).fetchone() == (kept,)
    assert len(kept) <= LONGEST_STORED + 20


values = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(values, st.sampled_from(["password", "AuthorizationKey", "my_secret", "PrivateKeyPem"]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_stands_around_a_secret_it_is_hidden(around, name, as_key_and_value):
    secret = {"key": name, "value": SECRET} if as_key_and_value else {name: SECRET}
    frame = [2, "1", "DataTransfer", {"a": around, "b": [{"c": secret}], "d": around}]
    assert SECRET not in shown(frame)
