"""A heart-rate strap on the virtual air: service 180D, one 2A37 notification a second, RR intervals with it."""

import random

from bumble.core import AdvertisingData
from bumble.gatt import (
    GATT_BATTERY_LEVEL_CHARACTERISTIC,
    GATT_BATTERY_SERVICE,
    GATT_HEART_RATE_MEASUREMENT_CHARACTERISTIC,
    GATT_HEART_RATE_SERVICE,
    Characteristic,
    CharacteristicValue,
    Service,
)

from holdback.simulation.radio.controller import AirDevice

CONTACT_ON = 0x06  # contact supported and detected
CONTACT_LOST = 0x04
RR_PRESENT = 0x10
MAX_RR = 4  # more never fit between two notifications of one second


def measurement(hr_bpm: int, rr_ms: tuple[int, ...] = (), *, contact: bool = True) -> bytes:
    """One Heart Rate Measurement (0x2A37): flags, 8-bit rate (16-bit above 255), RR intervals in 1/1024 s."""
    flags = (CONTACT_ON if contact else CONTACT_LOST) | (RR_PRESENT if rr_ms else 0)
    rate = bytes([flags, hr_bpm]) if hr_bpm < 256 else bytes([flags | 1]) + hr_bpm.to_bytes(2, "little")
    return rate + b"".join(round(rr * 1024 / 1000).to_bytes(2, "little") for rr in rr_ms[:MAX_RR])


class Beats:
    """RR intervals that add up to a heart rate: each second yields the beats that fell into it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._next_ms = 0.0
        self._now_ms = 0.0

    def second(self, hr_bpm: float) -> tuple[int, ...]:
        """The intervals (ms) that ended within this second; respiratory wobble of 2 %."""
        self._now_ms += 1000
        found = []
        while self._next_ms < self._now_ms:
            rr_ms = 60_000 / max(hr_bpm, 30) * (1 + self._rng.gauss(0, 0.02))
            self._next_ms += rr_ms
            found.append(round(rr_ms))
        return tuple(found[:MAX_RR])


class Strap:
    """A strap that is worn (`start`), beats once a second (`beat`), and can `vanish` and `come_back`."""

    def __init__(self, device: AirDevice, name: str = "HR Strap", *, battery_percent: int | None = 87) -> None:
        self.device = device
        self.name = name
        self.present = False
        self.sent = 0
        self._beats = Beats(random.Random(f"strap {name}"))
        self._rate = Characteristic(
            GATT_HEART_RATE_MEASUREMENT_CHARACTERISTIC,
            Characteristic.Properties.NOTIFY,
            Characteristic.Permissions.READABLE,
            CharacteristicValue(read=lambda _bearer: b""),
        )
        device.add_service(Service(GATT_HEART_RATE_SERVICE, [self._rate]))
        if battery_percent is not None:
            device.add_service(_battery(battery_percent))

    async def start(self) -> None:
        """Power on and advertise; after a disconnection it advertises again, as straps do."""
        await self.device.power_on()
        await self.device.start_advertising(auto_restart=True, advertising_data=self._advertisement())
        self.present = True

    def vanish(self) -> None:
        """Out of reach or out of battery: silence, which the peer notices by its supervision timeout."""
        self.present = False
        self.device.radio.set_on_air(False)

    def come_back(self) -> None:
        """In reach again, advertising."""
        self.present = True
        self.device.radio.set_on_air(True)

    async def beat(self, hr_bpm: float, *, contact: bool = True) -> None:
        """Notify whoever has subscribed; call it once a second. Silent while vanished."""
        rr_ms = self._beats.second(hr_bpm)
        if not self.present:
            return
        for connection in list(self.device.connections.values()):
            # One subscriber at a time: `notify_subscribers` would start a task for each second of the race.
            await self.device.notify_subscriber(
                connection, self._rate, measurement(round(hr_bpm), rr_ms, contact=contact)
            )
            self.sent += 1

    def _advertisement(self) -> bytes:
        return bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, bytes([0x06])),
                    (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, GATT_HEART_RATE_SERVICE.to_bytes()),
                    (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
                ]
            )
        )


def _battery(percent: int) -> Service:
    level = Characteristic(
        GATT_BATTERY_LEVEL_CHARACTERISTIC,
        Characteristic.Properties.READ,
        Characteristic.Permissions.READABLE,
        bytes([percent]),
    )
    return Service(GATT_BATTERY_SERVICE, [level])
