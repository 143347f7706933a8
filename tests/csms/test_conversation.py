"""The calls of one connection, both ways (OCPP-J 1.6 §4, OCPP 2.x part 4 §4)."""

import datetime
import json
from dataclasses import replace

import pytest

from app.csms.rpc.conversation import (
    LATE_ANSWER_SECONDS,
    MAX_BEING_HANDLED,
    MAX_LATE_CALLS,
    MAX_QUEUED_CALLS,
    MAX_REMEMBERED_ANSWERS,
    Absorbed,
    Answered,
    AnswerRefused,
    Call,
    CallFailed,
    Conversation,
    Failure,
    Harmless,
    LateAnswer,
    Repeated,
    Unreadable,
)
from app.csms.rpc.frames import Fault, FrameRepair
from app.csms.rpc.ocpp_j import OCPP_J_16, OCPP_J_21, OCPP_J_201, ErrorCode
from app.domain.errors import AppError

START = '[2,"s1","StartTransaction",{"connectorId":1,"idTag":"04A1","meterStart":0,"timestamp":"2026-11-20T20:00:00Z"}]'
STARTED = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}


@pytest.fixture
def conversation():
    return Conversation(OCPP_J_16, id_prefix="k")


def heard(conversation, text, now=0.0):
    call = conversation.receive(text, now)
    assert isinstance(call, Call)
    return call


def sent(conversation, action="GetConfiguration", now=0.0, timeout=30.0, tag=None):
    call = conversation.call(action, {}, timeout, tag)
    assert conversation.to_send(now) is call
    return call


class TestWhatTheStationAsks:
    def test_a_call_is_surfaced_and_answered_with_its_own_id(self, conversation):
        call = heard(conversation, START)
        assert (call.message_id, call.action) == ("s1", "StartTransaction")
        assert call.payload["meterStart"] == 0
        assert call.raw == START
        assert call.repairs == ()
        assert conversation.answer(call, STARTED) == ('[3,"s1",{"transactionId":7,"idTagInfo":{"status":"Accepted"}}]')

    def test_a_number_as_id_is_echoed_as_a_number(self, conversation):
        call = heard(conversation, '[2,28240181849166013077,"Heartbeat",{}]')
        assert conversation.answer(call, {}) == "[3,28240181849166013077,{}]"

    def test_the_action_is_handed_on_as_the_station_writes_it(self, conversation):
        assert heard(conversation, '[2,"1","Heartbeat.req",{}]').action == "Heartbeat.req"
        assert heard(conversation, '[2,"2","heartbeat",{}]').action == "heartbeat"

    def test_a_refusal_has_the_five_elements_and_no_details(self, conversation):
        call = heard(conversation, START)
        assert json.loads(conversation.refuse(call, ErrorCode.INTERNAL_ERROR, 'no "disk"')) == [
            4,
            "s1",
            "InternalError",
            'no "disk"',
            {},
        ]

    def test_a_description_is_cut_to_the_255_characters_allowed(self, conversation):
        refusal = conversation.refuse(heard(conversation, START), ErrorCode.GENERIC_ERROR, "x" * 1000)
        assert json.loads(refusal)[3] == "x" * 255

    @pytest.mark.parametrize(
        ("rules", "spelled"),
        [(OCPP_J_16, "OccurenceConstraintViolation"), (OCPP_J_201, "OccurrenceConstraintViolation")],
    )
    def test_each_version_spells_its_own_codes(self, rules, spelled):
        conversation = Conversation(rules, id_prefix="")
        refusal = conversation.refuse(heard(conversation, START), ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION)
        assert json.loads(refusal)[2] == spelled

    def test_no_code_of_1_6_is_unknown_to_1_6(self):
        table_7 = {
            "NotImplemented", "NotSupported", "InternalError", "ProtocolError", "SecurityError", "FormationViolation",
            "PropertyConstraintViolation", "OccurenceConstraintViolation", "TypeConstraintViolation", "GenericError",
        }  # fmt: skip
        assert {OCPP_J_16.spelling.get(code, code) for code in ErrorCode} == table_7

    @pytest.mark.parametrize("payload", [{"at": datetime.datetime.now(datetime.UTC)}, {"n": 2**64}, {"t": "\ud800"}])
    def test_an_answer_that_is_no_json_is_a_mistake_of_the_caller_and_can_be_mended(self, conversation, payload):
        call = heard(conversation, START)
        with pytest.raises(TypeError):
            conversation.answer(call, payload)
        assert conversation.receive(START, 1.0) == Absorbed(Harmless.BEING_HANDLED, START)
        conversation.refuse(call, ErrorCode.INTERNAL_ERROR)
        assert isinstance(conversation.receive(START, 2.0), Call)

    def test_calls_cross_what_comes_in_is_handled_while_ours_is_open(self, conversation):
        ours = sent(conversation, "RemoteStartTransaction")
        call = heard(conversation, '[2,"a1","Authorize",{"idTag":"04A1"}]')
        assert conversation.answer(call, {}) == '[3,"a1",{}]'
        assert conversation.receive(f'[3,"{ours.message_id}",{{"status":"Accepted"}}]', 1.0).call is ours

    def test_an_id_of_the_station_may_equal_one_of_ours(self, conversation):
        ours = sent(conversation)
        theirs = heard(conversation, f'[2,"{ours.message_id}","Heartbeat",{{}}]')
        conversation.answer(theirs, {})
        assert conversation.receive(f'[3,"{ours.message_id}",{{}}]', 1.0).call is ours


class TestRepeats:
    def test_a_repeat_after_the_answer_gets_the_same_answer_and_no_second_handling(self, conversation):
        answer = conversation.answer(heard(conversation, START), STARTED)
        for now in (1.0, 100.0):
            assert conversation.receive(START, now) == Repeated("s1", "StartTransaction", answer, START)

    def test_a_repeat_written_otherwise_is_still_a_repeat(self, conversation):
        answer = conversation.answer(heard(conversation, START), STARTED)
        fields = dict(reversed(json.loads(START)[3].items()))
        event = conversation.receive(json.dumps([2, "s1", "StartTransaction", fields], indent=2), 1.0)
        assert isinstance(event, Repeated)
        assert event.reply == answer

    def test_a_repeat_with_a_huge_number_is_still_a_repeat(self, conversation):
        text = f'[2,"1","MeterValues",{{"transactionId":{2**70}}}]'
        conversation.answer(heard(conversation, text), {})
        assert isinstance(conversation.receive(text, 1.0), Repeated)

    def test_a_repeat_before_the_answer_is_absorbed_for_the_one_answer_serves_both(self, conversation):
        call = heard(conversation, START)
        assert conversation.receive(START, 1.0) == Absorbed(Harmless.BEING_HANDLED, START)
        conversation.answer(call, STARTED)
        assert isinstance(conversation.receive(START, 2.0), Repeated)

    def test_the_answer_may_be_given_to_a_copy_of_the_call(self, conversation):
        call = heard(conversation, START)
        conversation.answer(replace(call, action="StartTransaction", payload={}), STARTED)
        assert isinstance(conversation.receive(START, 1.0), Repeated)

    @pytest.mark.parametrize("answered_first", [True, False])
    def test_the_same_id_with_another_payload_is_a_new_call_and_flagged(self, conversation, answered_first):
        stop = '[2,"9","StopTransaction",{"transactionId":%d,"meterStop":5}]'
        first = heard(conversation, stop % 58)
        if answered_first:
            conversation.answer(first, {})
        second = heard(conversation, stop % -1)
        assert second.payload["transactionId"] == -1
        assert second.repairs == (FrameRepair.REUSED_MESSAGE_ID,)

    def test_of_two_calls_with_one_id_both_are_answered_and_the_last_answer_is_repeated(self, conversation):
        first = heard(conversation, '[2,"9","DataTransfer",{"vendorId":"a"}]')
        second = heard(conversation, '[2,"9","DataTransfer",{"vendorId":"b"}]')
        assert conversation.answer(first, {"status": "Accepted"}) == '[3,"9",{"status":"Accepted"}]'
        assert conversation.receive(second.raw, 1.0) == Absorbed(Harmless.BEING_HANDLED, second.raw)
        conversation.answer(second, {"status": "Rejected"})
        assert conversation.receive(second.raw, 2.0).reply == '[3,"9",{"status":"Rejected"}]'

    def test_an_id_as_number_and_as_text_are_two_ids(self, conversation):
        conversation.answer(heard(conversation, '[2,9,"DataTransfer",{"vendorId":"a"}]'), {})
        assert heard(conversation, '[2,"9","DataTransfer",{"vendorId":"a"}]').repairs == ()

    def test_a_refused_call_is_heard_again(self, conversation):
        conversation.refuse(heard(conversation, START), ErrorCode.INTERNAL_ERROR)
        assert heard(conversation, START).repairs == ()

    @pytest.mark.parametrize("action", ["Authorize", "BootNotification", "Heartbeat", "authorize", "Heartbeat.req"])
    def test_what_is_true_only_now_is_answered_afresh_and_flagged(self, conversation, action):
        text = f'[2,"1","{action}",{{}}]'
        conversation.answer(heard(conversation, text), {})
        assert heard(conversation, text).repairs == (FrameRepair.REUSED_MESSAGE_ID,)
        assert conversation.receive(text, 1.0) == Absorbed(Harmless.BEING_HANDLED, text)

    def test_the_memory_for_answers_is_bounded_and_forgets_the_oldest(self, conversation):
        texts = [f'[2,"{n}","MeterValues",{{"n":{n}}}]' for n in range(MAX_REMEMBERED_ANSWERS + 1)]
        for text in texts:
            conversation.answer(heard(conversation, text), {})
        assert isinstance(conversation.receive(texts[-1], 1.0), Repeated)
        assert isinstance(conversation.receive(texts[1], 1.0), Repeated)
        assert heard(conversation, texts[0]).repairs == ()

    def test_an_answer_under_a_known_id_pushes_no_other_out(self, conversation):
        texts = [f'[2,"{n}","MeterValues",{{"n":{n}}}]' for n in range(MAX_REMEMBERED_ANSWERS)]
        for text in [*texts, '[2,"1","MeterValues",{"n":-1}]']:
            conversation.answer(heard(conversation, text), {})
        assert isinstance(conversation.receive(texts[0], 1.0), Repeated)

    def test_a_flood_of_calls_that_nobody_answers_is_bounded_too(self, conversation):
        texts = [f'[2,"{n}","MeterValues",{{"n":{n}}}]' for n in range(MAX_BEING_HANDLED + 1)]
        for text in texts:
            heard(conversation, text)
        assert isinstance(conversation.receive(texts[1], 1.0), Absorbed)
        assert isinstance(conversation.receive(texts[0], 1.0), Call)


class TestFramesThatCannotBeUnderstood:
    @pytest.mark.parametrize(
        ("rules", "code"), [(OCPP_J_16, "FormationViolation"), (OCPP_J_201, "FormatViolation")], ids=["1.6", "2.0.1"]
    )
    @pytest.mark.parametrize(
        ("rest", "fault"),
        [
            ('"StartTransaction",{"idTag":"336699\\",', Fault.NOT_JSON),
            ('"BootNotification","chargePointModel":"a"}]', Fault.NOT_JSON),
            ("7,{}]", Fault.BAD_ACTION),
            ('"",{}]', Fault.BAD_ACTION),
            ('{"idTag":"04A1"}]', Fault.BAD_ACTION),
            ('"Heartbeat",7]', Fault.BAD_PAYLOAD),
            ('"Heartbeat",[{},{}]]', Fault.BAD_PAYLOAD),
        ],
    )
    def test_a_broken_call_is_refused_with_its_id_and_nothing_of_it_is_quoted(self, rules, code, rest, fault):
        text = '[2,"213",' + rest
        event = Conversation(rules, id_prefix="").receive(text, 0.0)
        assert event == Unreadable(fault, f'[4,"213","{code}","",{{}}]', text)

    def test_a_broken_call_is_heard_when_it_comes_again_whole(self, conversation):
        conversation.receive(START[:-1], 0.0)
        assert heard(conversation, START).repairs == ()

    @pytest.mark.parametrize(
        ("text", "reply_16", "reply_201"),
        [
            ('[2,null,"Heartbeat",{}]', '[4,null,"FormationViolation","",{}]', '[4,"-1","RpcFrameworkError","",{}]'),
            ('[2,"","Heartbeat",{}]', '[4,"","FormationViolation","",{}]', '[4,"-1","RpcFrameworkError","",{}]'),
            ('[2,{},"Heartbeat",{}]', None, '[4,"-1","RpcFrameworkError","",{}]'),
            ('[2,"13', None, '[4,"-1","RpcFrameworkError","",{}]'),
            ("[2]", None, '[4,"-1","RpcFrameworkError","",{}]'),
            ("hello", None, '[4,"-1","RpcFrameworkError","",{}]'),
            ('{"a":1}', None, '[4,"-1","RpcFrameworkError","",{}]'),
            ('[9,"5",oops', None, '[4,"5","MessageTypeNotSupported","",{}]'),
        ],
    )
    def test_without_an_id_2_0_1_answers_minus_one_and_1_6_echoes_or_is_silent(self, text, reply_16, reply_201):
        for rules, reply in ((OCPP_J_16, reply_16), (OCPP_J_201, reply_201)):
            event = Conversation(rules, id_prefix="").receive(text, 0.0)
            assert isinstance(event, Unreadable)
            assert event.reply == reply

    @pytest.mark.parametrize("kind", ["1", "5", "6", "0", "-3", "null", '"CALL"'])
    def test_an_unknown_message_type_is_ignored_by_1_6_and_refused_by_2_0_1(self, kind):
        text = f'[{kind},"7","StartTransaction",{{}}]'
        assert Conversation(OCPP_J_16, id_prefix="").receive(text, 0.0) == Absorbed(Harmless.UNKNOWN_MESSAGE_TYPE, text)
        assert Conversation(OCPP_J_201, id_prefix="").receive(text, 0.0) == Unreadable(
            Fault.UNKNOWN_MESSAGE_TYPE, '[4,"7","MessageTypeNotSupported","",{}]', text
        )

    def test_an_empty_frame_is_a_sign_of_life(self, conversation):
        assert conversation.receive("", 0.0) == Absorbed(Harmless.EMPTY_FRAME, "")


class TestWhatOnly21Has:
    """SEND and CALLRESULTERROR (OCPP 2.1 part 4 §4.2.3, §4.2.4)."""

    STREAM = '[6,"n1","NotifyPeriodicEventStream",{"id":7,"pending":0,"data":[{"t":"2026-11-20T20:00:00Z","v":"1"}]}]'

    @pytest.fixture
    def conversation(self):
        return Conversation(OCPP_J_21, id_prefix="k")

    def test_what_is_sent_without_waiting_for_an_answer_is_handed_on_and_never_answered(self, conversation):
        told = heard(conversation, self.STREAM)
        assert (told.message_id, told.action, told.payload["id"], told.unconfirmed) == (
            "n1",
            "NotifyPeriodicEventStream",
            7,
            True,
        )
        assert conversation.answer(told, {}) == conversation.refuse(told, ErrorCode.NOT_IMPLEMENTED) == ""

    def test_it_may_come_again_and_is_told_again(self, conversation):
        for now in (0.0, 1.0):
            conversation.answer(heard(conversation, self.STREAM, now), {})
        assert not heard(conversation, '[2,"n1","Heartbeat",{}]').repairs

    @pytest.mark.parametrize("text", [STREAM[:-1], '[6,"n1",7,{}]', '[6,"n1","X",7]', "[6", '[6,"'])
    def test_not_even_when_it_cannot_be_understood(self, conversation, text):
        event = conversation.receive(text, 0.0)
        assert isinstance(event, Unreadable)
        assert event.reply is None or text == "[6"

    def test_without_an_id_it_tells_what_it_tells(self, conversation):
        assert heard(conversation, '[6,null,"NotifyPeriodicEventStream",{"id":1}]').payload == {"id": 1}

    def test_an_answer_that_the_station_refuses_is_not_given_again(self, conversation):
        conversation.answer(heard(conversation, START), STARTED)
        refusal = '[5,"s1","FormatViolation","what?",{}]'
        assert conversation.receive(refusal, 1.0) == AnswerRefused("s1", "FormatViolation", "what?", refusal)
        assert isinstance(conversation.receive(START, 2.0), Call)

    @pytest.mark.parametrize("text", ['[5,"s1"', '[5,null,"FormatViolation","",{}]'])
    def test_a_broken_refusal_is_answered_by_nothing(self, conversation, text):
        event = conversation.receive(text, 0.0)
        assert isinstance(event, Unreadable)
        assert event.reply is None

    def test_an_unknown_message_type_is_ignored(self, conversation):
        text = '[7,"7","StartTransaction",{}]'
        assert conversation.receive(text, 0.0) == Absorbed(Harmless.UNKNOWN_MESSAGE_TYPE, text)

    def test_everything_else_is_as_in_2_0_1(self, conversation):
        assert conversation.receive("hello", 0.0).reply == '[4,"-1","RpcFrameworkError","",{}]'
        call = heard(conversation, START)
        assert json.loads(conversation.refuse(call, ErrorCode.FORMAT_VIOLATION))[2] == "FormatViolation"


class TestWhatWeAsk:
    def test_a_call_has_four_elements_and_a_short_id(self, conversation):
        call = conversation.call("ChangeConfiguration", {"key": "K", "value": "1"}, 30.0, tag="job")
        assert call.text == '[2,"k1","ChangeConfiguration",{"key":"K","value":"1"}]'
        assert call.tag == "job"

    def test_one_is_sent_at_a_time_and_in_order(self, conversation):
        calls = [conversation.call("Reset", {"n": n}, 30.0) for n in range(3)]
        for call in calls:
            assert conversation.to_send(0.0) is call
            assert conversation.to_send(0.0) is None
            assert conversation.receive(f'[3,"{call.message_id}",{{}}]', 1.0).call is call
        assert conversation.to_send(0.0) is None

    def test_ids_differ_within_a_connection_and_between_connections(self):
        ids = [Conversation(OCPP_J_16, id_prefix=p).call("Reset", {}, 1.0).message_id for p in ("a-", "b-")]
        one = Conversation(OCPP_J_16, id_prefix="c-")
        ids += [one.call("Reset", {}, 1.0).message_id for _ in range(5)]
        assert len(set(ids)) == 7

    @pytest.mark.parametrize("prefix", ['"', "\n", "é", "x" * 25, "a b", "a\n"])
    def test_a_prefix_that_is_unfit_for_an_id_is_refused(self, prefix):
        with pytest.raises(ValueError, match="cannot begin a message id"):
            Conversation(OCPP_J_16, id_prefix=prefix)

    @pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
    def test_every_call_has_a_time_limit(self, conversation, timeout):
        with pytest.raises(ValueError, match="time limit"):
            conversation.call("Reset", {}, timeout)

    def test_a_payload_that_is_no_json_queues_nothing(self, conversation):
        with pytest.raises(TypeError):
            conversation.call("Reset", {"at": datetime.datetime.now(datetime.UTC)}, 1.0)
        assert conversation.to_send(0.0) is None
        assert conversation.call("Reset", {}, 1.0).message_id == "k1"

    def test_a_full_queue_says_so_and_loses_nothing(self, conversation):
        calls = [conversation.call("Reset", {}, 30.0) for _ in range(MAX_QUEUED_CALLS)]
        with pytest.raises(AppError) as refused:
            conversation.call("Reset", {}, 30.0)
        assert refused.value.code == "station_queue_full"
        assert [failed.call for failed in conversation.close()] == calls

    @pytest.mark.parametrize(
        ("rest", "payload", "repairs"),
        [
            (',{"listVersion":"3"}]', {"listVersion": "3"}, ()),
            (",null]", {}, (FrameRepair.NULL_PAYLOAD,)),
            ("]", {}, (FrameRepair.MISSING_PAYLOAD,)),
            (",[]]", {}, (FrameRepair.LIST_PAYLOAD,)),
            (',[{"status":"Accepted"}]]', {"status": "Accepted"}, (FrameRepair.LIST_PAYLOAD,)),
            (',{"status":"Accepted"},{}]', {"status": "Accepted"}, (FrameRepair.EXTRA_ELEMENTS,)),
            (',"Reset",{"status":"Accepted"}]', {"status": "Accepted"}, (FrameRepair.EXTRA_ELEMENTS,)),
            (',{"status":"Accepted"}]\0', {"status": "Accepted"}, (FrameRepair.PADDING,)),
        ],
    )
    def test_an_answer_is_read_leniently(self, conversation, rest, payload, repairs):
        call = sent(conversation)
        text = f'[3,"{call.message_id}"{rest}'
        assert conversation.receive(text, 1.0) == Answered(call, payload, text, repairs)

    def test_an_answer_whose_id_became_a_number_finds_its_call(self):
        conversation = Conversation(OCPP_J_16, id_prefix="7")
        call = sent(conversation)
        event = conversation.receive("[3,71,{}]", 1.0)
        assert event == Answered(call, {}, "[3,71,{}]", (FrameRepair.NUMERIC_MESSAGE_ID,))

    @pytest.mark.parametrize(
        ("rest", "code", "description", "repairs"),
        [
            (',"NotSupported","no list here",{}]', "NotSupported", "no list here", ()),
            (',"NotSupported","no list here"]', "NotSupported", "no list here", ()),
            (',"GenericError","d","details as text"]', "GenericError", "d", ()),
            (',"NotSupported"]', "NotSupported", "", (FrameRepair.INCOMPLETE_ERROR,)),
            ("]", "", "", (FrameRepair.INCOMPLETE_ERROR,)),
            (
                ",null,\"Item 'X' not implemented\",null]",
                "",
                "Item 'X' not implemented",
                (FrameRepair.INCOMPLETE_ERROR,),
            ),
            (",404,null,{}]", "404", "", (FrameRepair.INCOMPLETE_ERROR,)),
        ],
    )
    def test_an_error_answer_is_padded(self, conversation, rest, code, description, repairs):
        call = sent(conversation)
        text = f'[4,"{call.message_id}"{rest}'
        assert conversation.receive(text, 1.0) == CallFailed(
            call, Failure.ERROR_ANSWER, code, description, text, repairs
        )

    @pytest.mark.parametrize("rest", [',{"configurationKey":[]', ",oops]", ",7]", ',"Accepted"]', ",[1,2]]"])
    def test_a_broken_answer_fails_its_call_at_once(self, conversation, rest):
        call, following = sent(conversation), conversation.call("Reset", {}, 30.0)
        text = f'[3,"{call.message_id}"{rest}'
        assert conversation.receive(text, 1.0) == CallFailed(call, Failure.UNREADABLE_ANSWER, raw=text)
        assert conversation.to_send(1.0) is following

    def test_a_broken_answer_to_nothing_is_never_answered(self):
        for rules in (OCPP_J_16, OCPP_J_201, OCPP_J_21):
            for text in ('[3,"64b4a0fc",{"configurationKey":[]', "[3,", "[4,oops", '[4,"1",oops'):
                event = Conversation(rules, id_prefix="").receive(text, 0.0)
                assert event == Unreadable(Fault.NOT_JSON, None, text)

    def test_a_stray_answer_is_absorbed(self, conversation):
        waiting = conversation.call("Reset", {}, 30.0)
        for text in (
            '[3,"nobody",{}]',
            '[4,"nobody","GenericError","",{}]',
            f'[3,"{waiting.message_id}",{{}}]',
            "[3,null,{}]",
        ):
            assert conversation.receive(text, 0.0) == Absorbed(Harmless.STRAY_ANSWER, text)
        assert conversation.to_send(0.0) is waiting

    def test_a_second_answer_to_one_call_is_absorbed(self, conversation):
        text = f'[3,"{sent(conversation).message_id}",{{}}]'
        assert isinstance(conversation.receive(text, 1.0), Answered)
        assert isinstance(conversation.receive(text, 1.0), Absorbed)


class TestTime:
    def test_the_limit_runs_from_sending_not_from_queueing(self, conversation):
        first, second = (conversation.call("Reset", {}, timeout) for timeout in (10.0, 5.0))
        assert conversation.next_deadline is None
        conversation.to_send(100.0)
        assert conversation.next_deadline == 110.0
        assert conversation.expire(109.9) == []
        assert conversation.expire(110.0) == [CallFailed(first, Failure.TIMED_OUT)]
        assert conversation.next_deadline is None
        assert conversation.to_send(200.0) is second
        assert conversation.next_deadline == 205.0

    def test_an_answer_in_time_ends_the_limit(self, conversation):
        call = sent(conversation, timeout=10.0)
        conversation.receive(f'[3,"{call.message_id}",{{}}]', 9.0)
        assert conversation.next_deadline is None
        assert conversation.expire(1000.0) == []

    def test_an_answer_that_beats_the_clock_s_owner_still_counts(self, conversation):
        call = sent(conversation, timeout=10.0)
        assert isinstance(conversation.receive(f'[3,"{call.message_id}",{{}}]', 10.5), Answered)
        assert conversation.expire(11.0) == []

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ('[3,"k1",{"status":"Accepted"}]', None),
            ('[4,"k1","GenericError","late",{}]', Failure.ERROR_ANSWER),
            ('[3,"k1",{"st', Failure.UNREADABLE_ANSWER),
        ],
    )
    def test_what_comes_after_the_limit_is_late_but_not_lost(self, conversation, text, why):
        call = sent(conversation, timeout=10.0, tag="push list")
        conversation.expire(10.0)
        following = sent(conversation, now=10.0)
        late = 10.0 + LATE_ANSWER_SECONDS
        event = conversation.receive(text, late)
        assert isinstance(event, LateAnswer)
        assert (event.outcome.call, event.outcome.raw) == (call, text)
        assert getattr(event.outcome, "why", None) is why
        assert not isinstance(conversation.receive(text, late), LateAnswer)
        assert isinstance(conversation.receive(f'[3,"{following.message_id}",{{}}]', 12.0), Answered)

    def test_after_ten_minutes_an_answer_is_a_stray(self, conversation):
        sent(conversation, timeout=10.0)
        conversation.expire(10.0)
        text = '[3,"k1",{}]'
        assert conversation.receive(text, 10.1 + LATE_ANSWER_SECONDS) == Absorbed(Harmless.STRAY_ANSWER, text)

    def test_the_memory_for_late_answers_is_bounded_and_forgets_the_oldest(self, conversation):
        for n in range(MAX_LATE_CALLS + 1):
            sent(conversation, now=float(n), timeout=1.0)
            assert conversation.expire(n + 1.0)
        assert isinstance(conversation.receive('[3,"k1",{}]', 20.0), Absorbed)
        assert isinstance(conversation.receive('[3,"k2",{}]', 20.0), LateAnswer)


class TestTheSocketCloses:
    def test_every_open_and_queued_call_fails_at_once(self, conversation):
        calls = [
            sent(conversation, tag=1),
            conversation.call("Reset", {}, 9.0, 2),
            conversation.call("Reset", {}, 9.0, 3),
        ]
        assert conversation.close() == [CallFailed(call, Failure.CLOSED) for call in calls]
        assert conversation.close() == []
        assert conversation.to_send(0.0) is None
        assert conversation.next_deadline is None
        assert conversation.expire(1e9) == []

    def test_no_call_is_taken_any_more(self, conversation):
        conversation.close()
        with pytest.raises(AppError) as refused:
            conversation.call("Reset", {}, 30.0)
        assert refused.value.code == "station_not_connected"

    def test_what_was_still_on_its_way_in_is_read(self, conversation):
        answer = f'[3,"{sent(conversation).message_id}",{{}}]'
        conversation.close()
        assert isinstance(conversation.receive(answer, 0.0), Absorbed)
        assert isinstance(conversation.receive(START, 0.0), Call)
