"""Transfers items through an asyncio.Queue, and prints nanoseconds an item: producers, consumers, capacity, items of each."""

import asyncio
import sys
import time

producers, consumers, capacity, share = map(int, sys.argv[1:])


async def main():
    queue = asyncio.Queue(capacity)
    got = 0

    async def produce():
        for i in range(share):
            await queue.put(i)

    async def consume():
        nonlocal got
        while await queue.get() is not None:
            got += 1

    start = time.perf_counter()
    tasks = [asyncio.create_task(consume()) for _ in range(consumers)]
    await asyncio.gather(*(produce() for _ in range(producers)))
    for _ in tasks:
        await queue.put(None)
    await asyncio.gather(*tasks)
    elapsed = time.perf_counter() - start
    assert got == share * producers
    print(elapsed * 1e9 / got)


asyncio.run(main())
