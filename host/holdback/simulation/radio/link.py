"""The air between Bumble's controllers: who hears which advert, and when a packet of a connection arrives.

Bumble's own link delivers at once. This one has connection events: each connection has an anchor and an interval, each
side sends up to `packets` link-layer packets of at most 251 bytes at an event, and a lost packet ends its direction's
turn, so that loss is only ever delay. A radio that vanishes is noticed after the supervision timeout. Only what has
something to carry costs timers: an idle connection and an advertiser that nobody listens to are free.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from typing import TYPE_CHECKING

from bumble import hci, link, ll

if TYPE_CHECKING:
    from holdback.simulation.radio.controller import Advertiser, AirController

# The payload of one link-layer packet with data length extension, which ESP32 and all hosts of today use.
PACKET_BYTES = 251
TIMEOUT_REASON = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
# Each advertising event is delayed by up to 10 ms at random (Bluetooth Core, Vol 6, Part B, 4.4.2.2.1).
ADV_DELAY_MS = 10.0


class Channel:
    """One direction of a connection: what waits to be sent, in order."""

    def __init__(self, sender: AirController, receiver: AirController) -> None:
        self.sender = sender
        self.receiver = receiver
        self.queue: deque[tuple[int, int, bytes | ll.ControlPdu]] = deque()  # packets left, cid (-1: control), payload

    @property
    def in_flight(self) -> int:
        """PDUs that are queued and not yet received."""
        return len(self.queue)


class AirConnection:
    """A connection between two radios, with its connection events."""

    def __init__(self, air: AirLink, central: AirController, peripheral: AirController, pdu: ll.ConnectInd) -> None:
        self.air = air
        self.central_address = pdu.initiator_address
        self.peripheral_address = pdu.advertiser_address
        self.down = Channel(central, peripheral)
        self.up = Channel(peripheral, central)
        self.interval_s = pdu.interval * 1.25e-3
        self.timeout_s = pdu.timeout * 10e-3
        self.anchor_s = air.loop.time() + self.interval_s
        self.last_heard_s = air.loop.time()
        self.event: asyncio.TimerHandle | None = None
        self.dropping: asyncio.TimerHandle | None = None

    def channel_from(self, controller: AirController) -> Channel:
        return self.down if controller is self.down.sender else self.up

    def send(self, sender: AirController, cid: int, payload: bytes | ll.ControlPdu) -> None:
        """Queue one PDU for the next connection events; cid -1 for link control."""
        size = 4 + len(payload) if isinstance(payload, bytes) else 0
        self.channel_from(sender).queue.append((max(1, math.ceil(size / PACKET_BYTES)), cid, payload))
        self.schedule()

    def schedule(self) -> None:
        """Set the timer for the next connection event, if there is anything to send."""
        if self.event is None and (self.down.queue or self.up.queue):
            ahead = math.floor((self.air.loop.time() - self.anchor_s) / self.interval_s + 1e-6) + 1
            when_s = self.anchor_s + max(ahead, 0) * self.interval_s
            self.event = self.air.loop.call_at(when_s, self._connection_event)

    def _connection_event(self) -> None:
        self.event = None
        if not self.reachable:
            return
        answers_from = len(self.up.queue)  # what the peripheral says in answer to this event goes into the next one
        heard = self._transfer(self.down, len(self.down.queue))
        heard = self._transfer(self.up, answers_from) or heard
        now_s = self.air.loop.time()
        if heard:
            self.last_heard_s = now_s
        elif now_s - self.last_heard_s > self.timeout_s:
            self.drop()
        self.schedule()

    def _transfer(self, channel: Channel, pdus: int) -> bool:
        """Send what fits into one event of the first `pdus` queued; False if nothing was received for losses."""
        heard = not pdus
        for _ in range(self.air.packets):
            if not pdus or not channel.queue:
                break
            if self.air.loss and self.air.rng.random() < self.air.loss:
                break
            heard = True
            left, cid, payload = channel.queue.popleft()
            if left > 1:
                channel.queue.appendleft((left - 1, cid, payload))
            else:
                pdus -= 1
                self._deliver(channel, cid, payload)
        return heard

    def _deliver(self, channel: Channel, cid: int, payload: bytes | ll.ControlPdu) -> None:
        address = self.central_address if channel is self.down else self.peripheral_address
        if isinstance(payload, bytes):
            channel.receiver.receive(address, cid, payload)
        else:
            if isinstance(payload, ll.ConnectionUpdateInd):
                self._update(payload)
            channel.receiver.on_ll_control_pdu(address, payload)
            if isinstance(payload, ll.TerminateInd):
                self.air.forget(self)

    def _update(self, pdu: ll.ConnectionUpdateInd) -> None:
        self.interval_s = pdu.interval * 1.25e-3
        self.timeout_s = pdu.timeout * 10e-3
        self.anchor_s = self.air.loop.time() + self.interval_s

    @property
    def reachable(self) -> bool:
        return self.down.sender.on_air and self.down.receiver.on_air

    def reachability_changed(self) -> None:
        """One end went off the air or came back: the supervision timer starts or stops."""
        if self.reachable:
            if self.dropping:
                self.dropping.cancel()
                self.dropping = None
            self.last_heard_s = self.air.loop.time()
            self.schedule()
        elif self.dropping is None:
            self.dropping = self.air.loop.call_later(self.timeout_s, self.drop)

    def drop(self) -> None:
        """The supervision timeout: both ends find the connection gone."""
        self.air.forget(self)
        for channel, address in ((self.down, self.central_address), (self.up, self.peripheral_address)):
            channel.receiver.lost(address, TIMEOUT_REASON)

    def close(self) -> None:
        for timer in (self.event, self.dropping):
            if timer:
                timer.cancel()
        self.event = self.dropping = None
        self.down.queue.clear()
        self.up.queue.clear()


class AirLink(link.LocalLink):
    """Bumble's link with an air model: connection interval (ms), packets per event each way, loss (0..1)."""

    def __init__(self, rng: random.Random, *, interval_ms: float = 30, packets: int = 6, loss: float = 0.0) -> None:
        super().__init__()
        self.controllers: list[AirController] = []  # type: ignore[assignment]  # a set would have no order
        self.connections: dict[tuple[bytes, bytes], AirConnection] = {}
        self.advertisers: list[Advertiser] = []
        self.rng = rng
        self.interval_ms = interval_ms
        self.packets = packets
        self.loss = loss
        self.loop = asyncio.get_running_loop()

    def add_controller(self, controller: AirController) -> None:  # type: ignore[override]
        self.controllers.append(controller)

    def remove_controller(self, controller: AirController) -> None:  # type: ignore[override]
        """Take a radio off the air for good; its peers find out by their supervision timeout."""
        if controller in self.controllers:
            self.controllers.remove(controller)
            controller.set_on_air(False)

    # connections

    def connect(self, central: AirController, pdu: ll.ConnectInd) -> None:
        """A central answers an advert: both ends are connected, the first event follows after one interval."""
        for advertiser in self.advertisers:
            if advertiser.enabled and advertiser.address == pdu.advertiser_address:
                connection = AirConnection(self, central, advertiser.controller, pdu)  # type: ignore[arg-type]
                self._remember(connection)
                advertiser.controller.on_le_connect_ind(pdu)
                return

    def _remember(self, connection: AirConnection) -> None:
        central, peripheral = bytes(connection.central_address), bytes(connection.peripheral_address)
        for key in ((central, peripheral), (peripheral, central)):
            if key in self.connections:
                self.connections[key].close()
            self.connections[key] = connection

    def forget(self, connection: AirConnection) -> None:
        connection.close()
        self.connections = {key: value for key, value in self.connections.items() if value is not connection}

    def find(self, own: hci.Address, peer: hci.Address) -> AirConnection | None:
        return self.connections.get((bytes(own), bytes(peer)))

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        connection = self.find(sender_address, receiver_address)
        if connection is None:
            return
        sender = connection.down if sender_address == connection.central_address else connection.up
        if isinstance(packet, ll.TerminateInd):
            sender.queue.clear()  # what was queued is not sent any more
        connection.send(sender.sender, -1, packet)

    # advertising

    def advertise(self, advertiser: Advertiser, *, on: bool) -> None:
        """Start or stop an advertiser."""
        if advertiser in self.advertisers:
            self.advertisers.remove(advertiser)
        if on:
            self.advertisers.append(advertiser)
        self.listeners_changed()

    @property
    def listening(self) -> bool:
        """True if any radio scans or waits for a peer."""
        return any(controller.listening for controller in self.controllers)

    def listeners_changed(self) -> None:
        """Run the advertising timers only while somebody listens."""
        for advertiser in self.advertisers:
            advertiser.run(self.loop, self.rng, on=self.listening)

    def advertising_event(self, advertiser: Advertiser) -> None:
        """One advert goes out; each radio that listens now may hear it."""
        if not advertiser.controller.on_air:  # type: ignore[attr-defined]
            return
        for controller in list(self.controllers):
            if controller is not advertiser.controller and controller.hears(self.loop.time()):
                if self.loss and self.rng.random() < self.loss:
                    continue
                controller.on_advert(advertiser)
                if not advertiser.enabled:
                    return
