"""Several people at the same moment, each with a connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from marketplace.core.db import transaction


def together(calls, refusals):
    """Run the calls in threads that start together; return what each gave or which refusal it raised."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except refusals as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def in_sessions(real, works, refusals):
    """Run each work together with the others, in a transaction of its own."""

    def in_one(work):
        with transaction(real) as session:
            return work(session)

    return together([lambda work=work: in_one(work) for work in works], refusals)
