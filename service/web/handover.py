"""From the event loop to a thread and back: the loop goes on with an answer as soon as the thread has told it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")


async def handed_over(threads: ThreadPoolExecutor, work: Callable[[Callable[[Answer], None]], None]) -> Answer:
    """What a thread tells; what it does behind that, such as giving a connection back, keeps nobody waiting.

    Args:
        threads: where to work.
        work: is given what to call with the answer, and calls it once or raises.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Future[Answer] = loop.create_future()

    def settle(answer: Answer) -> None:
        if not told.done():
            told.set_result(answer)

    def fail(error: BaseException) -> None:
        if not told.done():
            told.set_exception(error)

    def tell(answer: Answer) -> None:
        loop.call_soon_threadsafe(settle, answer)

    def run() -> None:
        try:
            work(tell)
        except BaseException as error:
            loop.call_soon_threadsafe(fail, error)

    threads.submit(run)
    return await told
