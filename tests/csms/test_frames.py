"""What real stations write, and what is read from it (OCPP-J 1.6 §4.2)."""

import json

import pytest

from app.csms.rpc.frames import CALL, CALLRESULT, DEEPEST_NESTING, Fault, FrameRepair, read, take_payload

HEARTBEAT = '[2,"h1","Heartbeat",{}]'


@pytest.mark.parametrize(
    ("text", "repairs"),
    [
        (HEARTBEAT, []),
        ('\r\n[ 2,\n\t"h1",\n\t"Heartbeat",\n\t{\n\t}\n]\r\n', []),
        ("\ufeff" + HEARTBEAT, [FrameRepair.PADDING]),
        (HEARTBEAT + "\0\0\0", [FrameRepair.PADDING]),
        ("\ufeff" + HEARTBEAT + "\r\n\0", [FrameRepair.PADDING]),
        ('["2","h1","Heartbeat",{}]', [FrameRepair.MESSAGE_TYPE]),
        ('[2.0,"h1","Heartbeat",{}]', [FrameRepair.MESSAGE_TYPE]),
        ('[2.0,"h1","Heartbeat",{}]\0', [FrameRepair.PADDING, FrameRepair.MESSAGE_TYPE]),
        (HEARTBEAT.encode(), [FrameRepair.BINARY_FRAME]),
        (b"\xef\xbb\xbf" + HEARTBEAT.encode(), [FrameRepair.BINARY_FRAME, FrameRepair.PADDING]),
    ],
)
def test_a_heartbeat_is_a_heartbeat_however_it_is_wrapped(text, repairs):
    frame = read(text)
    assert (frame.kind, frame.message_id, frame.wire_id) == (CALL, "h1", '"h1"')
    assert frame.elements == ["Heartbeat", {}]
    assert frame.repairs == repairs
    assert frame.fault is None


@pytest.mark.parametrize(("around", "repairs"), [("", []), ("\0", [FrameRepair.PADDING])])
def test_a_message_that_is_json_within_json_is_that_message(around, repairs):
    text = json.dumps(HEARTBEAT) + around
    frame = read(text)
    assert (frame.kind, frame.message_id, frame.wire_id, frame.elements) == (CALL, "h1", '"h1"', ["Heartbeat", {}])
    assert (frame.raw, frame.repairs) == (text, [*repairs, FrameRepair.JSON_IN_TEXT])


def test_the_raw_text_is_kept_as_received():
    assert read("\ufeff" + HEARTBEAT + "\0").raw == "\ufeff" + HEARTBEAT + "\0"


def test_a_binary_frame_that_is_not_utf8_loses_only_the_bytes_that_are_not():
    frame = read(b'[2,"1","Authorize",{"idTag":"04A1\xff\xfe"}]')
    assert frame.elements == ["Authorize", {"idTag": "04A1\ufffd\ufffd"}]
    assert frame.repairs == [FrameRepair.BINARY_FRAME, FrameRepair.INVALID_UTF8]


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\0", "\ufeff", b"", b"\0\0", "\ufeff\0 \n"])
def test_a_frame_with_nothing_in_it_is_empty_not_broken(text):
    assert read(text).fault is Fault.EMPTY


class TestMessageIds:
    @pytest.mark.parametrize(
        ("token", "message_id", "repairs"),
        [
            ('"19223201"', "19223201", []),
            ('"0800000d-6800-726a-04b1-df5f18587e8a"', "0800000d-6800-726a-04b1-df5f18587e8a", []),
            ('"28240181849166013077"', "28240181849166013077", []),
            (f'"{"x" * 80}"', "x" * 80, [FrameRepair.LONG_MESSAGE_ID]),
            ('"caf\u00e9"', "caf\u00e9", []),
            ('"caf\\u00e9"', "caf\u00e9", []),
            ('"a\\/b"', "a/b", []),
            ('"say \\"hi\\""', 'say "hi"', []),
            ("17", "17", [FrameRepair.NUMERIC_MESSAGE_ID]),
            ("-1", "-1", [FrameRepair.NUMERIC_MESSAGE_ID]),
            ("1.50", "1.50", [FrameRepair.NUMERIC_MESSAGE_ID]),
            ("28240181849166013077", "28240181849166013077", [FrameRepair.NUMERIC_MESSAGE_ID]),
        ],
    )
    def test_the_id_is_kept_byte_for_byte(self, token, message_id, repairs):
        frame = read(f'[2, {token} ,"Heartbeat",{{}}]')
        assert frame.wire_id == token
        assert frame.message_id == message_id
        assert frame.repairs == repairs

    @pytest.mark.parametrize(
        ("token", "wire_id"), [("null", "null"), ('""', '""'), ("true", ""), ("{}", ""), ('["1"]', "")]
    )
    def test_null_empty_and_other_things_are_no_id(self, token, wire_id):
        frame = read(f'[2,{token},"Heartbeat",{{}}]')
        assert frame.message_id is None
        assert frame.wire_id == wire_id

    def test_an_id_without_end_is_no_id(self):
        assert read(f'[2,"{"x" * 100_000}","Heartbeat",{{}}]').message_id is None

    def test_an_id_with_a_raw_control_character_becomes_sound_json(self):
        frame = read('[2,"17\0","Heartbeat",{}]')
        assert frame.message_id == "17\0"
        assert frame.wire_id == '"17\\u0000"'
        assert frame.repairs == [FrameRepair.LOOSE_JSON]

    def test_an_id_with_half_a_character_becomes_sound_json(self):
        assert read('[2,"17\\ud800","Heartbeat",{}]').wire_id == '"17\ufffd"'

    def test_a_numeric_id_survives_loose_json_beside_it(self):
        assert read('[2,17,"DataTransfer",{"data":NaN}]').wire_id == "17"


class TestJsonThatIsNotQuiteJson:
    @pytest.mark.parametrize(
        ("value", "read_as"),
        [
            ("NaN", None),
            ("Infinity", None),
            ("-Infinity", None),
            ("1e999", None),
            ("9" * 5000, None),
            ('"a\tb"', "a\tb"),
            ('"04A1\0\0"', "04A1\0\0"),
            ('"line\r\nbreak"', "line\r\nbreak"),
            ('"\\ud83d"', "\ufffd"),
            ('"\ud83d"', "\ufffd"),
            ('{"\\udc00":["\\udc00"]}', {"\ufffd": ["\ufffd"]}),
        ],
    )
    def test_what_strict_json_forbids_is_read_and_named(self, value, read_as):
        frame = read(f'[2,"1","DataTransfer",{{"data":{value},"vendorId":"v"}}]')
        assert frame.elements == ["DataTransfer", {"data": read_as, "vendorId": "v"}]
        assert frame.repairs == [FrameRepair.LOOSE_JSON]
        frame.raw.encode()

    def test_two_liberties_of_a_kind_are_named_once(self):
        assert read('[2,"1","X",{"a":"\ud800","b":NaN}]').repairs == [FrameRepair.LOOSE_JSON]

    @pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**39])
    def test_integers_keep_every_digit(self, number):
        frame = read(f'[2,"1","MeterValues",{{"transactionId":{number}}}]')
        assert frame.elements[1] == {"transactionId": number}
        assert isinstance(frame.elements[1]["transactionId"], int)
        assert frame.repairs == []

    def test_a_number_of_absurd_length_is_only_its_size(self):
        assert read(f'[2,"1","X",{{"n":{10**100}}}]').elements[1] == {"n": 1e100}

    def test_digits_in_text_stay_text(self):
        text = '[2,"1","X",{"a":"28240181849166013077","b":" 28240181849166013077, -28240181849166013077"}]'
        assert read(text).elements[1]["a"] == "28240181849166013077"
        assert read(text).elements[1]["b"] == " 28240181849166013077, -28240181849166013077"

    def test_of_two_equal_keys_the_last_one_counts(self):
        assert read('[2,"1","Authorize",{"idTag":"A","idTag":"B"}]').elements[1] == {"idTag": "B"}

    @pytest.mark.parametrize("opening", ["[", '{"a":'])
    @pytest.mark.parametrize("depth", [DEEPEST_NESTING, 1000, 100_000])
    @pytest.mark.parametrize("closed", [True, False])
    def test_what_is_nested_too_deeply_is_refused_and_its_id_salvaged(self, opening, depth, closed):
        closing = "]" if opening == "[" else "}"
        nested = opening * depth + "1" + closing * depth * closed
        frame = read(f'[2,"1","DataTransfer",{nested}]')
        assert frame.fault is Fault.NOT_JSON
        assert (frame.kind, frame.message_id) == (CALL, "1")

    def test_the_deepest_nesting_allowed_is_read(self):
        depth = DEEPEST_NESTING - 1
        assert read(f'[2,"1","DataTransfer",{"[" * depth}{"]" * depth}]').fault is None

    def test_many_brackets_side_by_side_are_not_deep(self):
        frame = read(f'[2,"1","X",{{"a":[{",".join(["[]"] * 500)}]}}]')
        assert (frame.fault, frame.repairs) == (None, [])


class TestSalvage:
    """Type and id at the front of a text that is no JSON."""

    @pytest.mark.parametrize(
        ("text", "kind", "wire_id"),
        [
            (
                '[3,"64b4a0fc-7282-4e26-ab30-cc3c2955c70d",{"configurationKey":[]',
                3,
                '"64b4a0fc-7282-4e26-ab30-cc3c2955c70d"',
            ),
            ('[2,"213","StartTransaction",{"connectorId":2,"idTag":"336699\\",,,"meterStart":0}]', 2, '"213"'),
            ('[2,"1000000","BootNotification","chargePointModel":"a","chargePointVendor":"a"}]', 2, '"1000000"'),
            ('\ufeff ["2" , "5" , oops', 2, '"5"'),
            ("[2.0,17,oops", 2, "17"),
            ("[4,17]]", 4, "17"),
            (HEARTBEAT + "garbage", 2, '"h1"'),
            (HEARTBEAT + HEARTBEAT, 2, '"h1"'),
        ],
    )
    def test_type_and_id_are_found(self, text, kind, wire_id):
        frame = read(text)
        assert frame.fault is Fault.NOT_JSON
        assert (frame.kind, frame.wire_id) == (kind, wire_id)

    @pytest.mark.parametrize(
        "text", ['[3,"64b4', "[3,64", "[3,", '[3,"\\ud800",{', '[3,"a\nb",{', "[3,nul", "[3,1e999,{"]
    )
    def test_half_an_id_is_no_id(self, text):
        frame = read(text)
        assert frame.kind == CALLRESULT
        assert frame.message_id is None

    @pytest.mark.parametrize("text", ["GET / HTTP/1.1", "[", "{", "[[2,", '["two","1",', "hello", "[2", "[-2,1,"])
    def test_where_there_is_no_type_there_is_nothing_to_salvage(self, text):
        frame = read(text)
        assert frame.fault is Fault.NOT_JSON
        assert frame.kind is None


@pytest.mark.parametrize("text", ["{}", "[]", "[2]", "null", "2", '"[2]"', '{"2":"1"}'])
def test_json_that_is_no_message_is_said_to_be_none(text):
    assert read(text).fault is Fault.NOT_A_MESSAGE


@pytest.mark.parametrize("kind", ["true", "null", "2.5", '"two"', '"2,"', "[2]", '"99999999999"'])
def test_a_type_that_is_no_number_is_no_type(kind):
    frame = read(f'[{kind},"1","Heartbeat",{{}}]')
    assert frame.kind is None
    assert frame.wire_id == '"1"'


@pytest.mark.parametrize(
    ("rest", "payload", "repairs"),
    [
        (',{"a":1}', {"a": 1}, []),
        ("", {}, [FrameRepair.MISSING_PAYLOAD]),
        (",null", {}, [FrameRepair.NULL_PAYLOAD]),
        (",[]", {}, [FrameRepair.LIST_PAYLOAD]),
        (',[{"a":1}]', {"a": 1}, [FrameRepair.LIST_PAYLOAD]),
        (',{"a":1},{}', {"a": 1}, [FrameRepair.EXTRA_ELEMENTS]),
        (',null,"x"', {}, [FrameRepair.EXTRA_ELEMENTS, FrameRepair.NULL_PAYLOAD]),
        (',"x"', None, []),
        (r',"{\"a\":[1]}"', {"a": [1]}, [FrameRepair.JSON_IN_TEXT]),
        (',"[]"', None, []),
        (',"{}}"', None, []),
        (',"' + "[" * 40 + '"', None, []),
        (",1", None, []),
        (",true", None, []),
        (",[1]", None, []),
        (",[{},{}]", None, []),
    ],
)
def test_a_payload_is_an_object_or_certainly_means_one(rest, payload, repairs):
    frame = read(f'[2,"1","Heartbeat"{rest}]')
    assert take_payload(frame, 1) == payload
    assert frame.repairs == repairs
