"""Whatever a station sends, the conversation says what it is, stays small, and keeps its promises."""

import json
import math
from dataclasses import dataclass, field

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.csms.rpc.conversation import (
    LATE_ANSWER_SECONDS,
    Absorbed,
    Answered,
    AnswerRefused,
    Call,
    CallFailed,
    Conversation,
    Failure,
    Harmless,
    LateAnswer,
    OutgoingCall,
    Repeated,
    Unreadable,
)
from app.csms.rpc.ocpp_j import OCPP_J_16, OCPP_J_21, OCPP_J_201, ErrorCode

SEEDS = [
    '[2,"19223201","BootNotification",{"chargePointVendor":"VendorX","chargePointModel":"SingleSocketCharger"}]',
    '[2,17,"StartTransaction",{"connectorId":1,"idTag":"04A1B2C3","meterStart":0,"timestamp":"2026-11-20T20:00:00Z"}]',
    '[2,"9","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"x","sampledValue":[{"value":"1.5"}]}]}]',
    '[3,"k1",{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"300"}]}]',
    '[4,"k1","NotSupported","no such thing",{}]',
    '[5,"19223201","FormatViolation","no such field",{}]',
    '[6,"n","NotifyPeriodicEventStream",{"id":1,"pending":0,"data":[{"t":"2026-11-20T20:00:00Z","v":"1"}]}]',
    '[2,"u","DataTransfer",{"vendorId":"caf\\u00e9","data":"\U0001f50c\\n"}]',
]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
payloads = st.dictionaries(st.text(max_size=12), json_values, max_size=5)
rules = st.sampled_from([OCPP_J_16, OCPP_J_201, OCPP_J_21])
pieces = st.sampled_from(
    [*'[]{}",:\\ \0\n\ufeff\ud800', "\\ud800", "null", "NaN", "-Infinity", "1e999", "9" * 25, *"23456", '"k1"']
)


@st.composite
def mutated(draw):
    """A valid frame with a few pieces cut out, put in, or copied elsewhere."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + draw(pieces | st.just("") | st.just(text[end : end + 20])) + text[end:]
    return text


anything = (
    st.text(max_size=80)
    | st.binary(max_size=80)
    | st.text(alphabet=st.sampled_from('[]{}",:\\234nulk1.-eE \0\n'), max_size=40)
    | st.lists(pieces, max_size=20).map("".join)
    | json_values.map(json.dumps)
    | st.lists(json_values, max_size=6).map(json.dumps)
    | st.tuples(st.sampled_from([2, 3, 4, 5, 6, "2", 2.0]), json_values, json_values, json_values).map(json.dumps)
    | mutated()
    | mutated().map(lambda text: text.encode("utf-16-le", "surrogatepass"))
)


def assert_sound(reply):
    """A CALLERROR in strict JSON that says nothing of what was received."""
    kind, _, code, description, details = json.loads(reply, parse_constant=lambda name: 1 / 0)
    assert (kind, description, details) == (4, "", {})
    assert code in {"FormationViolation", "FormatViolation", "RpcFrameworkError", "MessageTypeNotSupported"}
    reply.encode()


def assert_clean(value):
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            key.encode()
            assert_clean(item)
    elif isinstance(value, list):
        for item in value:
            assert_clean(item)


@settings(max_examples=1500, deadline=None)
@given(rules, st.lists(anything, min_size=1, max_size=3))
def test_receive_never_raises_and_every_event_is_fit_to_use(version, frames):
    conversation = Conversation(version, id_prefix="k")
    ours = conversation.call("GetConfiguration", {}, 30.0)
    conversation.to_send(0.0)
    ended = 0
    for now, data in enumerate(frames):
        event = conversation.receive(data, float(now))
        outcome = event.outcome if isinstance(event, LateAnswer) else event
        outcome.raw.encode()
        match outcome:
            case Call(unconfirmed=True):
                assert version is OCPP_J_21
                assert_clean([outcome.payload, outcome.message_id, outcome.action])
                assert conversation.answer(outcome, {}) == conversation.refuse(outcome, ErrorCode.GENERIC_ERROR) == ""
            case Call():
                assert_clean([outcome.payload, outcome.message_id, outcome.action])
                assert json.loads(conversation.answer(outcome, {}))[0] == 3
                assert json.loads(conversation.refuse(outcome, ErrorCode.GENERIC_ERROR))[0] == 4
            case AnswerRefused():
                assert version is OCPP_J_21
                assert_clean([outcome.message_id, outcome.code, outcome.description])
            case Unreadable(reply=str(reply)):
                assert_sound(reply)
            case Answered() | CallFailed():
                assert outcome.call is ours
                ended += 1
                assert_clean(getattr(outcome, "payload", None))
    assert ended + len(conversation.close()) == 1


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=255) | st.integers(-(10**30), 10**30), st.text(min_size=1), payloads, st.booleans())
def test_every_well_formed_call_arrives_unchanged_and_its_id_returns_unchanged(identity, action, payload, ascii_only):
    assume(action.strip())
    text = json.dumps([2, identity, action, payload], ensure_ascii=ascii_only)
    conversation = Conversation(OCPP_J_16, id_prefix="")
    event = conversation.receive(text, 0.0)
    assert isinstance(event, Call)
    assert (event.action, event.payload) == (action, payload)
    for reply in (conversation.answer(event, {"a": 1}), conversation.refuse(event, ErrorCode.GENERIC_ERROR)):
        returned = json.loads(reply)[1]
        assert (type(returned), returned) == (type(identity), identity)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS[:3]), st.data())
def test_a_call_cut_off_behind_its_id_is_refused_by_that_id(text, data):
    identity = json.loads(text)[1]
    id_end = text.index(",", 3)
    cut = text[: data.draw(st.integers(id_end + 1, len(text) - 1))]
    event = Conversation(OCPP_J_16, id_prefix="").receive(cut, 0.0)
    assert isinstance(event, Unreadable)
    assert json.loads(event.reply)[1] == identity


@dataclass(eq=False)
class Asked:
    """What the model knows of a call of ours."""

    call: OutgoingCall
    sent_at: float | None = None
    given_up_at: float | None = None
    endings: list[Answered | CallFailed] = field(default_factory=list)
    late: int = 0


class Exchange(RuleBasedStateMachine):
    """A server and a station on one connection, checked against plain lists."""

    @initialize(version=rules)
    def connect(self, version):
        self.conversation = Conversation(version, id_prefix="k")
        self.now = 0.0
        self.asked: list[Asked] = []
        self.being_handled: dict[str, Call] = {}
        self.answers: dict[str, str] = {}

    def open_calls(self):
        return [one for one in self.asked if one.sent_at is not None and not one.endings]

    def end(self, events):
        for event in events:
            (one,) = (one for one in self.asked if one.call is event.call)
            one.endings.append(event)

    @rule(timeout=st.floats(0.5, 120.0))
    def we_ask(self, timeout):
        self.asked.append(Asked(self.conversation.call("Reset", {"type": "Soft"}, timeout)))

    @rule()
    def the_wire_is_free(self):
        call = self.conversation.to_send(self.now)
        waiting = [one for one in self.asked if one.sent_at is None and not one.endings]
        if self.open_calls() or not waiting:
            assert call is None
        else:
            assert call is waiting[0].call
            waiting[0].sent_at = self.now

    @precondition(lambda self: self.open_calls())
    @rule(form=st.sampled_from(['[3,"%s",{}]', '[3,"%s",null]']))
    def the_station_answers(self, form):
        (one,) = self.open_calls()
        event = self.conversation.receive(form % one.call.message_id, self.now)
        assert isinstance(event, Answered)
        self.end([event])

    @precondition(lambda self: self.open_calls())
    @rule(form=st.sampled_from(['[4,"%s","GenericError","",{}]', '[4,"%s"]', '[3,"%s",{"a', '[3,"%s",7]']))
    def the_station_answers_with_an_error_or_not_readably(self, form):
        (one,) = self.open_calls()
        event = self.conversation.receive(form % one.call.message_id, self.now)
        assert isinstance(event, CallFailed)
        self.end([event])

    @precondition(lambda self: any(one.given_up_at is not None for one in self.asked))
    @rule(data=st.data(), form=st.sampled_from(['[3,"%s",{}]', '[4,"%s","GenericError","",{}]', '[3,"%s",{"a']))
    def the_station_answers_what_we_gave_up(self, data, form):
        one = data.draw(st.sampled_from([one for one in self.asked if one.given_up_at is not None]))
        event = self.conversation.receive(form % one.call.message_id, self.now)
        if one.late or self.now > one.given_up_at + LATE_ANSWER_SECONDS:
            assert isinstance(event, (Absorbed, Unreadable))
        else:
            assert isinstance(event, LateAnswer)
            assert event.outcome.call is one.call
        one.late += 1

    @rule(
        text=st.sampled_from(
            ['[3,"x",{}]', '[4,"k","a","b",{}]', '[3,"k0",{', "", "oops", "[3,null,{}]", '[3,"k999",7]']
        )
    )
    def the_station_says_something_meaningless(self, text):
        assert isinstance(self.conversation.receive(text, self.now), (Absorbed, Unreadable))

    @rule(seconds=st.sampled_from([0.1, 1.0, 30.0, 400.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def the_deadline_is_kept(self):
        due = [one for one in self.open_calls() if one.sent_at + one.call.timeout <= self.now]
        failed = self.conversation.expire(self.now)
        assert [event.call for event in failed] == [one.call for one in due]
        assert all(event.why is Failure.TIMED_OUT for event in failed)
        self.end(failed)
        for one in due:
            one.given_up_at = self.now

    @rule(number=st.integers(0, 3), blanks=st.integers(0, 2))
    def the_station_reports(self, number, blanks):
        # Few ids, and one payload to each: repeats are what is looked for here.
        key = f"r{number}"
        text = f'[2,"{key}","MeterValues",{{"connectorId":{number}}}]' + " " * blanks
        event = self.conversation.receive(text, self.now)
        if key in self.being_handled:
            assert event == Absorbed(Harmless.BEING_HANDLED, text)
        elif key in self.answers:
            assert event == Repeated(key, "MeterValues", self.answers[key], text)
        else:
            assert isinstance(event, Call)
            assert event.repairs == ()
            self.being_handled[key] = event

    @precondition(lambda self: self.being_handled)
    @rule(data=st.data(), number=st.integers(0, 999))
    def a_handler_answers(self, data, number):
        key = data.draw(st.sampled_from(sorted(self.being_handled)))
        self.answers[key] = self.conversation.answer(self.being_handled.pop(key), {"n": number})
        assert json.loads(self.answers[key]) == [3, key, {"n": number}]

    @precondition(lambda self: self.being_handled)
    @rule(data=st.data())
    def a_handler_refuses(self, data):
        key = data.draw(st.sampled_from(sorted(self.being_handled)))
        refusal = self.conversation.refuse(self.being_handled.pop(key), ErrorCode.INTERNAL_ERROR)
        assert json.loads(refusal) == [4, key, "InternalError", "", {}]

    @invariant()
    def one_is_open_at_most_and_none_ends_twice(self):
        assert len(self.open_calls()) <= 1
        assert all(len(one.endings) <= 1 for one in self.asked)
        deadlines = [one.sent_at + one.call.timeout for one in self.open_calls()]
        assert self.conversation.next_deadline == (deadlines[0] if deadlines else None)

    def teardown(self):
        unfinished = [one.call for one in self.asked if not one.endings]
        closed = self.conversation.close()
        assert [event.call for event in closed] == unfinished
        self.end(closed)
        assert all(len(one.endings) == 1 for one in self.asked)


Exchange.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestExchange = Exchange.TestCase
