"""A small MQTT broker inside the simulator, so that nothing else has to be installed to try the uplink.

amqtt speaks MQTT 3.1.1 only and leaves a client that asks for 5 without an answer, so the version is read here,
before amqtt sees the connection, and turned down with the code that 3.1.1 has for it (section 3.2.2.3).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import Any

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType

_CONNECT = 0x10
_SPOKEN = 4  # protocol level of MQTT 3.1.1
_REFUSED_VERSION = bytes([0x20, 0x02, 0x00, 0x01])  # CONNACK, unacceptable protocol version
_LIMIT_S = 10.0
_PATIENCE_S = 2.0
_CANCEL_ROUNDS = 5  # amqtt's loops may take a cancellation for another task's and go on


class EmbeddedBroker:
    """Anonymous, in memory, QoS 0 to 2 and retained messages; one thread with an event loop of its own."""

    def __init__(self, host: str, port: int = 0) -> None:
        self.host = host
        self.port = port  # the real one once started; a restart keeps it
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self._broker: Broker | None = None
        self._clients: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # each client that hangs up would be a warning
        logging.getLogger("transitions").setLevel(logging.WARNING)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sim-broker", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(self._loop), self._loop).result(_LIMIT_S)
        except OSError:
            self._end_loop()
            raise

    def stop(self) -> None:
        """Drop every client and stop listening. Stopping twice is fine."""
        if self._loop is None:
            return
        try:
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_LIMIT_S)
        finally:
            self._end_loop()

    def _end_loop(self) -> None:
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_LIMIT_S)
            loop.close()

    async def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        config = BrokerConfig(
            listeners={"default": ListenerConfig(type=ListenerType.EXTERNAL)},
            plugins={"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        )
        self._server = await asyncio.start_server(self._accept, self.host, self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]
        self._broker = Broker(config, loop=loop)
        await self._broker.start()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._clients.values():
            writer.transport.abort()  # amqtt ends a client in good order only when its stream ends
        await _end(set(self._clients), cancel=False)
        if self._broker is not None:
            await asyncio.wait_for(self._broker.shutdown(), _PATIENCE_S)
        await _end(asyncio.all_tasks() - {asyncio.current_task()}, cancel=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._broker is None:
            writer.close()
            return
        self._clients[task] = writer
        try:
            await self._serve(self._broker, reader, writer)
        except (OSError, EOFError, TimeoutError):
            pass  # the client went away or never spoke
        finally:
            self._clients.pop(task, None)
            writer.close()

    async def _serve(self, broker: Broker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, level = await asyncio.wait_for(_connect_head(reader), _LIMIT_S)
        if level != _SPOKEN:
            writer.write(_REFUSED_VERSION)
            await writer.drain()
            return
        replay = asyncio.StreamReader()
        replay.feed_data(head)
        pump = asyncio.ensure_future(_pump(reader, replay))
        try:
            await broker.external_connected(StreamReaderAdapter(replay), StreamWriterAdapter(writer), "default")
        finally:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump


async def _end(tasks: set[Any], cancel: bool) -> None:
    for _ in range(_CANCEL_ROUNDS if cancel else 1):
        if not tasks:
            return
        for task in tasks:
            if cancel:
                task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=_PATIENCE_S)


async def _connect_head(reader: asyncio.StreamReader) -> tuple[bytes, int]:
    """Read a CONNECT packet up to its protocol level (sections 3.1.1 to 3.1.2.2); raises EOFError for others."""
    head = await reader.readexactly(2)
    if head[0] != _CONNECT:
        raise EOFError("this is not MQTT")
    while head[-1] & 0x80 and len(head) < 5:  # the remaining length has up to four bytes
        head += await reader.readexactly(1)
    name_length = await reader.readexactly(2)
    name = await reader.readexactly(int.from_bytes(name_length) & 0xFF)
    level = await reader.readexactly(1)
    return head + name_length + name + level, level[0]


async def _pump(reader: asyncio.StreamReader, replay: asyncio.StreamReader) -> None:
    try:
        while data := await reader.read(65536):
            replay.feed_data(data)
    except OSError:
        pass  # a reset ends the stream like an end
    replay.feed_eof()
