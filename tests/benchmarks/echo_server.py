"""The floor: a bare websockets server that reads JSON and writes JSON, and knows nothing."""

import asyncio
import json

from websockets.asyncio.server import ServerConnection, serve

ACCEPTED = {"idTagInfo": {"status": "Accepted", "expiryDate": "2030-01-01T00:00:00Z"}}


async def echo(socket: ServerConnection) -> None:
    async for text in socket:
        call = json.loads(text)
        await socket.send(json.dumps([3, call[1], ACCEPTED]))


async def main() -> None:
    async with serve(echo, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None, ping_interval=None) as server:
        print(f"Listening on ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
