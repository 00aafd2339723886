"""Bumble's controller, host and device on the virtual air.

What differs from Bumble 0.0.236: adverts go through AirLink's timing, scan responses carry their own data, cancelling a
connection attempt works, the peripheral learns the real connection parameters, and L2CAP data skips the HCI packets in
between (Bumble formats each of them for its log even when that is off; a day's heart rate took longer than the run).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, cast

from bumble import att, controller, hci, ll
from bumble.controller import LegacyAdvertiser
from bumble.core import PhysicalTransport
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import MemoryKeyStore

from holdback.simulation.radio.link import ADV_DELAY_MS, AirConnection, AirLink

ADV_IND = 0
ADV_SCAN_IND = 2
ADV_NONCONN_IND = 3
SCAN_RSP = 4
MIN_INTERVAL_S = 0.02
RSSI_DBM = -60  # of every advert: the air has no distances

ScanReport = Callable[[int, hci.Address, bytes, int], None]  # advert type, address, data, RSSI dBm


class Advertiser(LegacyAdvertiser):
    """Legacy advertising whose timer runs only while somebody listens."""

    def start(self) -> None:
        self.enabled = True
        cast(AirLink, self.controller.link).advertise(self, on=True)

    def stop(self) -> None:
        self.enabled = False
        self._cancel()
        cast(AirLink, self.controller.link).advertise(self, on=False)

    def run(self, loop: asyncio.AbstractEventLoop, rng: random.Random, *, on: bool) -> None:
        """Keep the timer going or stop it. Whoever begins to listen does so at any moment of the interval."""
        if not on:
            self._cancel()
        elif self.timer_handle is None and self.enabled:
            self._schedule(loop, rng.random() * self._interval_s())

    def _schedule(self, loop: asyncio.AbstractEventLoop, delay_s: float) -> None:
        self.timer_handle = loop.call_later(delay_s, self._advertise_now)

    def _interval_s(self) -> float:
        """To the next advertising event: the random delays add up, so that two devices never stay in step."""
        delay_ms = cast(AirLink, self.controller.link).rng.random() * ADV_DELAY_MS
        return max(self.advertising_interval_min * 0.625e-3, MIN_INTERVAL_S) + delay_ms * 1e-3

    def _advertise_now(self) -> None:
        self.timer_handle = None
        link = cast(AirLink, self.controller.link)
        link.advertising_event(self)
        if self.enabled and link.listening:
            self._schedule(link.loop, self._interval_s())

    def _cancel(self) -> None:
        if self.timer_handle is not None:
            self.timer_handle.cancel()
            self.timer_handle = None


class AirController(controller.Controller):
    """A radio on the virtual air. `scan` is set by whoever scans without going through HCI (boards, Bleak)."""

    le_features = controller.Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )

    def __init__(self, name: str, air_link: AirLink, address: hci.Address) -> None:
        self.air_link = air_link
        super().__init__(name, link=air_link)
        self.random_address = address
        self.le_legacy_advertiser = Advertiser(self)
        self.on_air = True
        self.scan: ScanReport | None = None
        self.scan_active = False
        self.scan_raster = (0.0, 1.0, 1.0)  # start, interval, window: s

    def set_on_air(self, on: bool) -> None:
        """Out of range or without power, and back: `False` starts the peers' supervision timeouts."""
        self.on_air = on
        for connection in list(dict.fromkeys(self.air_link.connections.values())):
            if self in (connection.down.sender, connection.up.sender):
                connection.reachability_changed()
        self.air_link.listeners_changed()

    # adverts

    @property
    def listening(self) -> bool:
        return self.on_air and (self.scan is not None or self.le_scan_enable or self.pending_le_connection is not None)

    def hears(self, now_s: float) -> bool:
        """True if the receiver is open now: a scan's window, or waiting for a peer to connect to."""
        if not self.listening:
            return False
        start_s, interval_s, window_s = self.scan_raster
        return self.scan is None or (now_s - start_s) % interval_s < window_s

    def start_scan(self, report: ScanReport, *, interval_s: float, window_s: float, active: bool) -> None:
        self.scan = report
        self.scan_active = active
        self.scan_raster = (self.air_link.loop.time(), interval_s, min(window_s, interval_s))
        self.air_link.listeners_changed()

    def stop_scan(self) -> None:
        self.scan = None
        self.air_link.listeners_changed()

    def on_advert(self, advertiser: Advertiser) -> None:
        """An advert arrives: report it, and connect if it is the one that is waited for."""
        kind = advertiser.advertising_type
        address = advertiser.address
        self._report(kind, address, advertiser.advertising_data)
        answers = kind in (ADV_IND, ADV_SCAN_IND) and advertiser.scan_response_data
        if answers and (self.scan_active if self.scan else self.le_scan_type == 1):
            self._report(SCAN_RSP, address, advertiser.scan_response_data)
        pending = self.pending_le_connection
        if pending and pending.peer_address == address and kind == ADV_IND:
            self.create_le_connection(address)

    def _report(self, kind: int, address: hci.Address, data: bytes) -> None:
        if self.scan:
            self.scan(kind, address, data, RSSI_DBM)
        elif self.le_scan_enable:
            report = hci.HCI_LE_Advertising_Report_Event.Report(
                event_type=hci.HCI_LE_Advertising_Report_Event.EventType(kind),
                address_type=address.address_type,
                address=address,
                data=data,
                rssi=RSSI_DBM,
            )
            self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def on_hci_le_set_scan_enable_command(self, command: hci.HCI_LE_Set_Scan_Enable_Command) -> Any:
        result = super().on_hci_le_set_scan_enable_command(command)
        self.air_link.listeners_changed()
        return result

    # connections

    def initiate(self, peer: hci.Address, *, interval_ms: float = 0, timeout_ms: int = 2560) -> None:
        """Wait for an advert of `peer` and connect; interval 0 is the air's own."""
        units = round((interval_ms or self.air_link.interval_ms) / 1.25)
        self.pending_le_connection = hci.HCI_LE_Create_Connection_Command(
            le_scan_interval=16,
            le_scan_window=16,
            initiator_filter_policy=0,
            peer_address_type=peer.address_type,
            peer_address=peer,
            own_address_type=hci.OwnAddressType.RANDOM,
            connection_interval_min=units,
            connection_interval_max=units,
            max_latency=0,
            supervision_timeout=timeout_ms // 10,
            min_ce_length=0,
            max_ce_length=0,
        )
        self.air_link.listeners_changed()

    def give_up(self) -> bool:
        """Cancel a connection attempt; False if there was none."""
        pending = self.pending_le_connection is not None
        self.pending_le_connection = None
        self.air_link.listeners_changed()
        return pending

    def on_hci_le_create_connection_command(self, command: hci.HCI_LE_Create_Connection_Command) -> None:
        command.connection_interval_min = command.connection_interval_max = round(self.air_link.interval_ms / 1.25)
        super().on_hci_le_create_connection_command(command)
        self.air_link.listeners_changed()

    def on_hci_le_create_connection_cancel_command(self, command: Any) -> Any:
        result = super().on_hci_le_create_connection_cancel_command(command)
        if pending := self.pending_le_connection:
            self.give_up()
            self._connection_complete(0, hci.Role.CENTRAL, pending.peer_address, 0, 0, hci.HCI_ErrorCode(2))
        return result

    def send_advertising_pdu(self, packet: Any) -> None:
        if isinstance(packet, ll.ConnectInd):
            self.air_link.connect(self, packet)

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        """A central connects to this advertiser."""
        connection = controller.Connection(
            controller=self,
            handle=self.allocate_connection_handle(),
            role=hci.Role.PERIPHERAL,
            self_address=packet.advertiser_address,
            peer_address=packet.initiator_address,
            link=self.air_link,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        self.le_connections[packet.initiator_address] = connection
        self.le_legacy_advertiser.stop()
        self._connection_complete(
            connection.handle, connection.role, packet.initiator_address, packet.interval, packet.timeout
        )

    def _connection_complete(  # noqa: PLR0917
        self, handle: int, role: hci.Role, peer: hci.Address, interval: int, timeout: int, status: int = 0
    ) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode(status),
                connection_handle=handle,
                role=role,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=interval,
                peripheral_latency=0,
                supervision_timeout=timeout,
                central_clock_accuracy=0,
            )
        )

    def lost(self, peer: hci.Address, reason: int) -> None:
        """The supervision timeout of the connection with `peer`."""
        if connection := self.le_connections.get(peer):
            self.on_le_disconnected(connection, reason)

    # data

    def air_connection(self, handle: int) -> AirConnection | None:
        """The link behind one of this radio's connection handles."""
        connection = self.find_le_connection_by_handle(handle)
        return connection and self.air_link.find(connection.self_address, connection.peer_address)

    def receive(self, sender: hci.Address, cid: int, payload: bytes) -> None:
        if connection := self.le_connections.get(sender):
            cast(AirHost, self.host).receive(connection.handle, cid, payload)


class AirHost(Host):
    """Bumble's host with a short cut for L2CAP data. `att_tap` sees each ATT PDU first and may take it."""

    radio: AirController
    att_tap: Callable[[int, bytes], bool] | None = None

    def send_l2cap_pdu(self, connection_handle: int, cid: int, pdu: bytes) -> None:
        if connection := self.radio.air_connection(connection_handle):
            connection.send(self.radio, cid, bytes(pdu))

    def receive(self, handle: int, cid: int, payload: bytes) -> None:
        if cid == att.ATT_CID and self.att_tap and self.att_tap(handle, payload):
            return
        if connection := self.connections.get(handle):
            self.on_l2cap_pdu(connection, cid, payload)


class AirDevice(Device):
    """A Bumble device on the virtual air; `radio` is its controller."""

    radio: AirController

    def in_flight(self, handle: int) -> int:
        """PDUs of a connection that are queued and not yet received by the peer."""
        connection = self.radio.air_connection(handle)
        return connection.channel_from(self.radio).in_flight if connection else 0


def make_device(air_link: AirLink, name: str, address: hci.Address) -> AirDevice:
    """A device with its radio, not yet powered on."""
    radio = AirController(name, air_link, address)
    host = AirHost()
    host.radio = radio
    host.set_packet_sink(radio)
    radio.host = host
    config = DeviceConfiguration(name=name, address=address)
    device = AirDevice(config=config, host=host)
    device.radio = radio
    device.keystore = MemoryKeyStore()
    return device
