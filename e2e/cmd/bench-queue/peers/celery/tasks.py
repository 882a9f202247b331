"""The task of Celery's worker: the digits of F(n), or of F(0) + … + F(n) = F(n+2) − 1, by doubling."""

import os
import sys

from celery import Celery
from celery.signals import worker_ready

redis = f"redis://127.0.0.1:{os.environ['REDIS_PORT']}/0"
app = Celery("small", broker=redis, backend=redis)
app.conf.update(
    # Small tasks: none waits for the next to be fetched, and nobody follows events.
    worker_prefetch_multiplier=64,
    worker_redirect_stdouts=False,
    broker_pool_limit=64,
    redis_max_connections=256,
    task_acks_late=True,
    broker_connection_retry_on_startup=True,
)


@app.task
def compute(function, n):
    return str(fibonacci(n + 2) - 1 if function == "fibonacci-sum" else fibonacci(n))


def fibonacci(n):
    a, b = 0, 1  # F(k), F(k+1)
    for bit in bin(n)[2:]:
        c, d = a * (2 * b - a), a * a + b * b
        a, b = (d, c + d) if bit == "1" else (c, d)
    return a


@worker_ready.connect
def ready(**_):
    print("ready", file=sys.__stdout__, flush=True)
