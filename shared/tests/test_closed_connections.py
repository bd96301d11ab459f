"""Under the loop that services run on, a connection that was reset is a broken connection and no defect of the client."""

import asyncio

import pytest
import uvloop
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from claims_shared.closed import understand_closed_connections


async def write_to_a_closed_connection(host, port):
    connection = await create_conn(host, int(port))
    connection._writer.transport.abort()
    await asyncio.sleep(0)
    with pytest.raises(KafkaConnectionError):
        connection.send(MetadataRequest([]))
    assert not connection.connected()


async def test_a_write_to_a_connection_that_was_reset_is_a_connection_error(kafka):
    understand_closed_connections()
    understand_closed_connections()
    await asyncio.to_thread(uvloop.run, write_to_a_closed_connection(*kafka.split(":")))
