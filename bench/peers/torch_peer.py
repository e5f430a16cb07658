"""PyTorch on the CPU, or on a GPU with BENCH_DEVICE=cuda; a timed call of a product is BENCH_REPEAT runs there."""
import math
import os
import sys

import torch
import torch.nn.functional as F

import atp
from serve import Refused, check_version, fill, serve, step_parameters, step_tokens

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "1")))
device = torch.device(os.environ.get("BENCH_DEVICE", "cpu"))
if device.type == "cuda" and not torch.cuda.is_available():
    sys.exit("torch is here but finds no CUDA device")
repeat = int(os.environ.get("BENCH_REPEAT", "1")) if device.type == "cuda" else 1


def tensor(data, *shape):
    return torch.from_numpy(data).to(device).reshape(shape or (-1,))


def mean_abs(x):
    return x.detach().double().abs().mean().item()


def ready(compute):
    """Forward only: no graph is recorded."""

    def run():
        with torch.no_grad():
            for _ in range(repeat - 1):
                compute()
            result = compute()
        if device.type == "cuda":
            torch.cuda.synchronize()
        return result

    return run, mean_abs(run())


def rms(x, weight):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight


def training_step(c):
    d, layers, heads, ff, batch, seq = c["d"], c["layers"], c["heads"], c["ff"], c["batch"], c["seq"]
    head = d // heads
    w = {name: torch.nn.Parameter(torch.from_numpy(data).to(device)) for name, data in step_parameters(c).items()}
    frequency = 1.0 / (10000 ** (torch.arange(0, head, 2).float() / head))
    angle = torch.outer(torch.arange(seq).float(), frequency).to(device)
    cos, sin = angle.cos()[None, :, None, :], angle.sin()[None, :, None, :]
    mask = torch.full((seq, seq), float("-inf"), device=device).triu(1)
    x, y = (torch.from_numpy(ids).to(device) for ids in step_tokens(c))
    x = x.view(batch, seq)

    def rope(z):
        a, b = z[..., : head // 2], z[..., head // 2 :]
        return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)

    def loss():
        h = F.embedding(x, w["emb"])
        for l in range(layers):
            normed = rms(h, w[f"norm1.{l}"]).view(batch * seq, d)
            q, k, v = (normed @ w[f"qkv.{l}"]).view(batch, seq, 3, heads, head).unbind(2)
            q, k, v = rope(q).transpose(1, 2), rope(k).transpose(1, 2), v.transpose(1, 2)
            scores = (q @ k.transpose(-1, -2)) / math.sqrt(head) + mask
            mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch * seq, d)
            h = h + (mixed @ w[f"o.{l}"]).view(batch, seq, d)
            gate, up = (rms(h, w[f"norm2.{l}"]).view(batch * seq, d) @ w[f"gateUp.{l}"]).split(ff, -1)
            h = h + ((F.silu(gate) * up) @ w[f"down.{l}"]).view(batch, seq, d)
        return F.cross_entropy(rms(h, w["norm"]).view(batch * seq, d) @ w["head"], y)

    optimizer = torch.optim.AdamW(list(w.values()), lr=3e-4, weight_decay=0.01, foreach=True)

    def run():
        optimizer.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    for _ in range(c.get("after", 1) - 1):
        run()
    return run, run()


def prepare(c):
    kind = c["kind"]
    if kind == "gemm":
        batch, m, n, k = c["batch"], c["m"], c["n"], c["k"]

        def operand(data, rows, columns, transposed):
            stored = tensor(data, batch, columns, rows) if transposed else tensor(data, batch, rows, columns)
            view = stored.transpose(1, 2) if transposed else stored
            return view[0] if batch == 1 else view

        a = operand(fill(batch * m * k, 0), m, k, c["transposeA"])
        b = operand(fill(batch * k * n, 1), k, n, c["transposeB"])
        out = torch.empty((m, n) if batch == 1 else (batch, m, n), device=device)
        return ready(lambda: torch.matmul(a, b, out=out))
    if kind in ("softmax", "rmsnorm"):
        x = tensor(fill(c["rows"] * c["columns"], 0, 8), c["rows"], c["columns"])
        weight = torch.ones(c["columns"])
        return ready((lambda: x.softmax(-1)) if kind == "softmax" else (lambda: rms(x, weight)))
    if kind in ("gelu", "silu"):
        x = tensor(fill(c["length"], 0, 8))
        return ready((lambda: F.gelu(x, approximate="tanh")) if kind == "gelu" else (lambda: F.silu(x)))
    if kind == "adamw":
        p = torch.nn.Parameter(tensor(fill(c["length"], 0)))
        optimizer = torch.optim.AdamW([p], lr=3e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, foreach=True)
        p.grad = tensor(fill(c["length"], 1))
        optimizer.step()
        with torch.no_grad():
            p.copy_(tensor(fill(c["length"], 0)))
            state = optimizer.state[p]
            state["step"] = torch.tensor(9.0) if torch.is_tensor(state["step"]) else 9
            state["exp_avg"].copy_(tensor(fill(c["length"], 2, 0.01)))
            state["exp_avg_sq"].copy_(tensor(fill(c["length"], 3, 0.01)) ** 2)
        optimizer.step()
        return optimizer.step, mean_abs(p)
    if kind == "step":
        return training_step(c)
    if kind == "atp":
        return atp.prepare(c)
    raise Refused(f"not written for torch: {kind}")


check_version("torch", torch.__version__)
if device.type == "cuda":
    on = torch.cuda.get_device_name()
else:
    built = {"oneDNN": torch.backends.mkldnn.is_available(), "MKL": torch.backends.mkl.is_available()}
    with_libraries = " and ".join(name for name, available in built.items() if available)
    on = " ".join(["with", with_libraries, torch.backends.cpu.get_cpu_capability()])
serve(f"torch {torch.__version__} {on}", prepare)
