"""The measured side of the protocol in harness/protocol.ts, and the cases of harness/cases.ts, for Python peers."""
import json
import os
import resource
import sys
import time

import numpy as np


class Refused(Exception):
    """This case is not offered here."""


def fill(length, salt=0, scale=1.0):
    i = np.arange(length, dtype=np.int64)
    return (scale * (((i * 7919 + salt * 1301) % 10007) / 10007 - 0.5)).astype(np.float32)


def step_parameters(c):
    """Name -> array, as stepParameters does."""
    d, ff, salt = c["d"], c["ff"], 0
    out = {}

    def weight(name, rows, columns):
        nonlocal salt
        salt += 1
        out[name] = fill(rows * columns, salt, 0.08).reshape(rows, columns)

    weight("emb", c["vocab"], d)
    weight("head", d, c["vocab"])
    out["norm"] = np.ones(d, np.float32)
    for layer in range(c["layers"]):
        out[f"norm1.{layer}"] = np.ones(d, np.float32)
        weight(f"qkv.{layer}", d, 3 * d)
        weight(f"o.{layer}", d, d)
        out[f"norm2.{layer}"] = np.ones(d, np.float32)
        weight(f"gateUp.{layer}", d, 2 * ff)
        weight(f"down.{layer}", ff, d)
    return out


def step_tokens(c):
    i = np.arange(c["batch"] * c["seq"], dtype=np.int64)
    return (i * 7919) % c["vocab"], (i * 1301 + 1) % c["vocab"]


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(run, calls):
    times = []
    before = cpu_seconds()
    for _ in range(calls):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    cpu = cpu_seconds() - before
    times.sort()
    middle = len(times) // 2
    median = times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2
    return {"best": times[0] * 1e3, "median": median * 1e3, "cpu": cpu * 1e3 / calls}


def send(reply):
    sys.stdout.write("@@ " + json.dumps(reply) + "\n")
    sys.stdout.flush()


def check_version(name, found):
    """Figures of one version say nothing of another; BENCH_PYTHON may bring another on purpose."""
    wanted = os.environ.get("BENCH_PINNED")
    if wanted and found.split("+")[0] != wanted and "BENCH_PYTHON" not in os.environ:
        sys.exit(f"{name} is {found} and the benchmark wants {wanted}: install bench/peers/requirements.txt again")


def serve(version, prepare):
    """`prepare(case)` gives (run, meanAbs)."""
    run = None
    send({"is": "ready", "version": version})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["ask"] == "prepare":
                run = None
                run, mean_abs = prepare(request["case"])
                send({"is": "prepared", "meanAbs": float(mean_abs)})
            elif run is None:
                send({"is": "refused", "reason": "nothing is prepared"})
            else:
                send({"is": "sample", "sample": measure(run, request["calls"])})
        except Exception as error:  # the process answers for the next case
            send({"is": "refused", "reason": (str(error) or type(error).__name__).split("\n")[0]})
