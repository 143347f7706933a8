"""What an OCPP 2.0.1 station may say, and a 2.1 station besides, each in full as the schema has it."""

CARD, STRANGE_CARD = "04A1B2C3D4E580", "0BADCAFE"
NOW = "2025-03-04T20:00:00Z"


def token(raw=CARD, kind="ISO14443"):
    """An IdTokenType."""
    return {"idToken": raw, "type": kind}


def energy(wh, at=NOW, **more):
    """A MeterValueType with the energy register."""
    sample = {"value": wh, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh"}, **more}
    return {"timestamp": at, "sampledValue": [sample]}


def event(kind="Started", trigger="Authorized", seq_no=0, *, at=NOW, reference="T-1", info=None, **more):
    """A TransactionEventRequest."""
    return {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": trigger,
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": reference, **(info or {})},
        **more,
    }


def availability(value, evse=1, connector=1):
    """A NotifyEventRequest that tells a connector's state."""
    return {
        "generatedAt": NOW,
        "seqNo": 0,
        "tbc": False,
        "eventData": [
            {
                "eventId": 1,
                "timestamp": NOW,
                "trigger": "Delta",
                "actualValue": value,
                "eventNotificationType": "HardWiredNotification",
                "component": {"name": "Connector", "evse": {"id": evse, "connectorId": connector}},
                "variable": {"name": "AvailabilityState"},
            }
        ],
    }


HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "aa",
    "issuerKeyHash": "bb",
    "serialNumber": "01",
    "responderURL": "http://127.0.0.1/",
}
_SCHEDULE = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}]}
_REPORT = {"requestId": 1, "generatedAt": NOW, "seqNo": 0, "tbc": False}
_MONITOR = {"id": 1, "transaction": False, "value": 1.0, "type": "Delta", "severity": 5}
_PLACE = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "Enabled"}}

MESSAGES = {
    "Authorize": {"idToken": token()},
    "BootNotification": {
        "reason": "PowerUp",
        "chargingStation": {
            "vendorName": "Ampere",
            "model": "One",
            "serialNumber": "S-1",
            "firmwareVersion": "1.2.3",
            "modem": {"iccid": "8931", "imsi": "204"},
        },
    },
    "ClearedChargingLimit": {"chargingLimitSource": "EMS", "evseId": 1},
    "DataTransfer": {"vendorId": "com.example", "messageId": "Hello", "data": "x"},
    "FirmwareStatusNotification": {"status": "Installed", "requestId": 1},
    "Get15118EVCertificate": {"iso15118SchemaVersion": "urn:x", "action": "Install", "exiRequest": "gA=="},
    "GetCertificateStatus": {"ocspRequestData": HASHES},
    "Heartbeat": {},
    "LogStatusNotification": {"status": "Uploading", "requestId": 1},
    "MeterValues": {"evseId": 1, "meterValue": [energy(1500, context="Sample.Clock")]},
    "NotifyChargingLimit": {
        "evseId": 1,
        "chargingLimit": {"chargingLimitSource": "EMS", "isGridCritical": False},
        "chargingSchedule": [_SCHEDULE],
    },
    "NotifyCustomerInformation": _REPORT | {"data": "Ada"},
    "NotifyDisplayMessages": {
        "requestId": 1,
        "messageInfo": [{"id": 1, "priority": "InFront", "message": {"format": "UTF8", "content": "Hello"}}],
    },
    "NotifyEVChargingNeeds": {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "AC_three_phase"}},
    "NotifyEVChargingSchedule": {"evseId": 1, "timeBase": NOW, "chargingSchedule": _SCHEDULE},
    "NotifyEvent": availability("Occupied"),
    "NotifyMonitoringReport": _REPORT | {"monitor": [_PLACE | {"variableMonitoring": [_MONITOR]}]},
    "NotifyReport": _REPORT | {"reportData": [_PLACE | {"variableAttribute": [{"value": "true"}]}]},
    "PublishFirmwareStatusNotification": {"status": "Published", "location": ["http://127.0.0.1/"], "requestId": 1},
    "ReportChargingProfiles": {
        "requestId": 1,
        "chargingLimitSource": "CSO",
        "evseId": 1,
        "chargingProfile": [
            {
                "id": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxDefaultProfile",
                "chargingProfileKind": "Relative",
                "chargingSchedule": [_SCHEDULE],
            }
        ],
    },
    "ReservationStatusUpdate": {"reservationId": 1, "reservationUpdateStatus": "Expired"},
    "SecurityEventNotification": {"type": "StartupOfTheDevice", "timestamp": NOW, "techInfo": "ok"},
    "SignCertificate": {"csr": "-----BEGIN CERTIFICATE REQUEST-----", "certificateType": "ChargingStationCertificate"},
    "StatusNotification": {"timestamp": NOW, "connectorStatus": "Faulted", "evseId": 1, "connectorId": 1},
    "TransactionEvent": event(
        info={"chargingState": "Charging", "timeSpentCharging": 0, "remoteStartId": 7},
        evse={"id": 1, "connectorId": 1},
        idToken=token(),
        meterValue=[energy(1000, context="Transaction.Begin")],
        offline=False,
        numberOfPhasesUsed=3,
        cableMaxCurrent=32,
        reservationId=1,
    ),
}

MESSAGES_21 = {
    "BatterySwap": {
        "batteryData": [{"evseId": 1, "serialNumber": "B", "soC": 50.0, "soH": 90.0}],
        "eventType": "BatteryIn",
        "idToken": token(),
        "requestId": 1,
    },
    "ClosePeriodicEventStream": {"id": 1},
    "GetCertificateChainStatus": {
        "certificateStatusRequests": [
            {
                "certificateHashData": {name: HASHES[name] for name in HASHES if name != "responderURL"},
                "source": "OCSP",
                "urls": ["http://127.0.0.1/"],
            }
        ]
    },
    "NotifyDERAlarm": {"controlType": "LimitMaxDischarge", "timestamp": NOW},
    "NotifyDERStartStop": {"controlId": "c", "started": True, "timestamp": NOW},
    # Here it has one field more.
    "NotifyMonitoringReport": _REPORT
    | {"monitor": [_PLACE | {"variableMonitoring": [_MONITOR | {"eventNotificationType": "CustomMonitor"}]}]},
    "NotifyPriorityCharging": {"transactionId": "T-1", "activated": True},
    "NotifySettlement": {"pspRef": "p", "status": "Settled", "settlementAmount": 1.0, "settlementTime": NOW},
    "NotifyWebPaymentStarted": {"evseId": 1, "timeout": 60},
    "OpenPeriodicEventStream": {"constantStreamData": {"id": 1, "params": {}, "variableMonitoringId": 1}},
    "PullDynamicScheduleUpdate": {"chargingProfileId": 1},
    "ReportDERControl": {"requestId": 1},
    "VatNumberValidation": {"vatNumber": "NL1", "evseId": 1},
}
