"""What samples add up to (MeterValue of 1.6, MeterValueType of 2.x)."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.csms.reading.meter import readings
from app.csms.reading.repair import FieldRepair, Fields

NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)
ENERGY, POWER = "Energy.Active.Import.Register", "Power.Active.Import"


def read(*samples):
    fields = Fields({"meterValue": [{"timestamp": "2026-11-20T20:00:00Z", "sampledValue": list(samples)}]}, NOW)
    (reading,) = readings(fields, "meterValue")
    return reading, fields.repairs


def in_2x(value, unit=None, multiplier=None, **more):
    measure = {key: item for key, item in (("unit", unit), ("multiplier", multiplier)) if item is not None}
    return {"value": value, **({"unitOfMeasure": measure} if measure else {}), **more}


@pytest.mark.parametrize(
    ("sample", "wh"),
    [
        (in_2x(1500), 1500),
        (in_2x(1500.4, "Wh"), 1500),
        (in_2x(1.5, "kWh", 0), 1500),
        (in_2x(1.5, multiplier=3), 1500),
        (in_2x(15, "kWh", -1), 1500),
        (in_2x(15, "kWh", "-1"), 1500),
        (in_2x("1500", "WH", measurand=ENERGY), 1500),
        (in_2x(0), 0),
        (in_2x(1500, measurand="Energy.Active.Export.Register"), None),
        (in_2x(1500, measurand="Energy.Active.Import.Interval"), None),
    ],
)
def test_energy_is_in_watt_hours_whatever_unit_and_power_of_ten(sample, wh):
    reading, repairs = read(sample)
    assert (reading.energy_wh, repairs) == (wh, [])


def test_power_is_in_watts():
    reading, _ = read(in_2x(7.4, "kW", measurand=POWER), in_2x(99, measurand="Power.Offered"))
    assert (reading.energy_wh, reading.power_w) == (None, 7400)


def test_phases_add_up_where_there_is_no_sum():
    phases = [in_2x(100, "Wh", measurand=ENERGY, phase=f"L{n}") for n in (1, 2, 3)]
    assert read(*phases)[0].energy_wh == 300
    assert read(*phases, in_2x(310, "Wh"))[0].energy_wh == 310


def test_what_the_car_gets_counts_and_not_what_the_grid_gives():
    assert read(in_2x(1100, location="Inlet"), in_2x(1000, location="Outlet"))[0].energy_wh == 1000
    assert read(in_2x(1000), in_2x(1100, location="Inlet"))[0].energy_wh == 1000
    assert read(in_2x(1100, location="Inlet"))[0].energy_wh == 1100
    per_phase = [in_2x(50, location="Inlet", phase="L1"), in_2x(40, phase="L1")]
    assert read(*per_phase)[0].energy_wh == 40


def test_a_signed_value_counts_as_what_it_says_and_its_signature_is_kept():
    signed = {"signedMeterData": "T0NNRg==", "signingMethod": "", "encodingMethod": "OCMF", "publicKey": ""}
    reading, repairs = read(in_2x(1500, signedMeterValue=signed, context="Transaction.End"))
    assert (reading.energy_wh, repairs) == (1500, [])
    assert json.loads(reading.sampled)[0]["signedMeterValue"] == signed


@pytest.mark.parametrize(
    ("sample", "repair"),
    [
        (in_2x(15, "kWh", 400), FieldRepair.UNKNOWN_VALUE),
        (in_2x(15, "kWh", []), FieldRepair.UNKNOWN_VALUE),
        (in_2x(15, "Hz"), FieldRepair.UNKNOWN_VALUE),
        (in_2x(None), FieldRepair.WRONG_TYPE),
        (in_2x(1e14, "kWh", 12), FieldRepair.OUT_OF_RANGE),
    ],
)
def test_a_sample_that_cannot_be_read_is_left_out(sample, repair):
    reading, repairs = read(sample)
    assert (reading.energy_wh, repairs) == (None, [repair])


@given(st.integers(0, 10**9), st.sampled_from([("Wh", 0), ("kWh", 3)]), st.integers(-6, 6))
def test_any_power_of_ten_gives_the_same_energy(wh, unit, power):
    name, digits = unit
    reading, _ = read(in_2x(wh / 10**digits / 10.0**power, name, power))
    assert reading.energy_wh == pytest.approx(wh, abs=1)
