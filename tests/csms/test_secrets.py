"""Passwords and keys are neither stored nor shown, whatever the frame they come in looks like."""

import json
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.csms.station.secrets import HIDDEN, LONGEST_STORED, presentable

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
        [2, "1", "GetDiagnostics", {"location": f"ftp://user:{SECRET}@192.168.1.20:9081/"}],
        [2, "1", "GetLog", {"log": {"remoteLocation": f"FTPS://user:{SECRET}@[fe80::1]:9081/logs"}}],
        [2, "1", "DataTransfer", {"data": json.dumps({"d": json.dumps({"u": f"ftp://u:{SECRET}@h/"})})}],
        [4, "1", "GenericError", f"cannot reach ftp://:{SECRET}@host/", {}],
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


@pytest.mark.parametrize(
    "sent", ["ftp://user:%s@host:9081/x", r"ftp:\/\/user:%s@host:9081\/x", r"ftp://user:%s\u0040host:9081/x"]
)
def test_of_a_login_in_an_address_the_password_goes(sent):
    sent = '[2,"1","UpdateFirmware",{"location":"' + sent + '"}]'
    kept = presentable(sent % SECRET)
    assert json.loads(kept)[3] == {"location": f"ftp://user:{HIDDEN}@host:9081/x"}


def test_of_a_login_in_an_address_in_what_cannot_be_read_too():
    assert presentable(f'[4,"1","X","no ftp://user:{SECRET}@host",{{') == f'[4,"1","X","no ftp://user:{HIDDEN}@host",{{'


def test_an_unreadable_error_that_quotes_a_secret_is_cut_before_it():
    assert presentable(f'[4,"1","X","password={SECRET}",{{') == '[4,"1","X","' + HIDDEN


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "GetConfiguration", {"key": ["AuthorizationKey", "HeartbeatInterval"]}],
        [3, "1", {"configurationKey": [{"key": "HeartbeatInterval", "value": "300"}], "unknownKey": ["wifiPassword"]}],
        [2, "1", "Authorize", {"idTag": "04A1B2C3"}],
        [3, "1", {"status": "Accepted"}],
        [2, "1", "GetDiagnostics", {"location": "http://192.168.1.20:9080/3fj0/"}],
        [2, "1", "DataTransfer", {"data": "write to owner@example.org, or http://example.org:80/a@b"}],
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


PIN = "830517"


def typed(*elements):
    return presentable(json.dumps([2, "1", *elements]), typed=True)


@pytest.mark.parametrize(
    "named",
    [PIN, f" {PIN} ", f"{PIN}#", "83-05-17", int(PIN), float(PIN), [PIN], {"idToken": PIN, "type": "KeyCode"}],
)
@pytest.mark.parametrize("name", ["idTag", "idtag", "id_tag", "idToken", "parentIdTag", "ID-TAG"])
def test_what_was_typed_in_the_place_of_a_card_is_hidden_in_whatever_form(named, name):
    kept = typed("Authorize", {"before": 9930517, name: named, "meterStart": 830517})
    assert PIN not in kept.replace('"meterStart":830517', "")
    assert "83-05-17" not in kept
    assert '"before":9930517' in kept


def test_it_is_hidden_where_its_text_is_repeated_and_numbers_that_count_something_stay():
    kept = typed("Authorize", {"idTag": PIN, "vendor": {"code": f"{PIN}#"}, "reservationId": 830517}, PIN)
    assert json.loads(kept) == [
        2,
        "1",
        "Authorize",
        {"idTag": HIDDEN, "vendor": {"code": HIDDEN}, "reservationId": 830517},
        HIDDEN,
    ]


@pytest.mark.parametrize("tag", ["04A2B3C4", "12345678", "VID:001122334455", "", None, True])
def test_what_cannot_have_been_typed_stays_as_it_was_sent(tag):
    frame = [2, "1", "Authorize", {"idTag": tag, "info": PIN}]
    assert presentable(json.dumps(frame), typed=True) == json.dumps(frame)


def test_a_card_of_few_digits_is_shown():
    frame = json.dumps([2, "1", "Authorize", {"idTag": PIN}])
    assert presentable(frame) == frame


@pytest.mark.parametrize(
    "broken",
    [
        '[2,"1","Authorize",{"idTag":"830517"',
        '[2,"1","Authorize",{"idTag" : 830517,}]',
        '[2,"1","Authorize",{idTag:830517}]',
        '[2,"1","Authorize",{"idTag":["830517",}]',
        '[2,"1","Authorize",{"idTag":{"idToken":"830517","type":"KeyCode"]',
        '[2,"1","Authorize",{"idTag":"8305\u00317",}]',
        '[2,"1","Authorize",{"idTag":"830517","n":NaN}]',
    ],
)
def test_what_was_typed_is_hidden_in_a_frame_that_cannot_be_read(broken):
    kept = presentable(broken, typed=True)
    assert "8305" not in kept
    assert kept.startswith('[2,"1","Authorize",{')
    assert HIDDEN in kept


def test_a_card_stays_in_a_frame_that_cannot_be_read():
    broken = '[2,"1","Authorize",{"idTag":"04A2B3C4D5E680",}]'
    assert presentable(broken, typed=True) == broken


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
        "idTag",
        "1234",
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
    kept = presentable(raw, typed=True)
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


class TestAKeyCode:
    """IdTokenType of 2.x says when something was typed; then it is a secret, however long and in whatever letters."""

    @pytest.mark.parametrize("code", ["1234", "123456789012", "LETTERS", "04A2B3C4D5E680", "12 34 56 78 90"])
    @pytest.mark.parametrize("kind", ["KeyCode", "keycode", " KeyCode "])
    def test_is_hidden_and_repeated_nowhere(self, code, kind):
        token = {"idToken": code, "type": kind}
        event = {"idToken": token, "customData": {"vendorId": "x", "typed": code}, "seqNo": 1}
        raw = json.dumps([2, "1", "TransactionEvent", event])
        kept = json.loads(presentable(raw, typed=True))
        assert kept[3]["idToken"] == {"idToken": HIDDEN, "type": kind}
        assert kept[3]["customData"] == {"vendorId": "x", "typed": HIDDEN}
        assert kept[3]["seqNo"] == 1

    def test_is_hidden_in_a_frame_that_cannot_be_read(self):
        raw = '[2,"1","Authorize",{"idToken":{"idToken":"123456789012","type":"KeyCode"}'
        assert "123456789012" not in presentable(raw, typed=True)

    @pytest.mark.parametrize("code", ["", None])
    def test_that_is_empty_hides_nothing_else(self, code):
        frame = [2, "1", "Authorize", {"idToken": {"idToken": code, "type": "KeyCode"}, "other": "", "word": "x"}]
        assert json.loads(presentable(json.dumps(frame), typed=True)) == frame
