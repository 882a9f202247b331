"""One process that serves, as many threads as there may be connections."""

import os
import sys

bind = os.environ["BIND"]
workers = 1
worker_class = "gthread"
threads = 64
keepalive = 120
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None


def post_worker_init(_):
    print("ready", file=sys.__stdout__, flush=True)
