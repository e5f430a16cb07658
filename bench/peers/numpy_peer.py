"""numpy over the BLAS of its wheel: the products only."""
import numpy as np

from serve import Refused, check_version, fill, serve

try:
    from threadpoolctl import threadpool_info
except ImportError:
    threadpool_info = lambda: []


def prepare(c):
    if c["kind"] != "gemm":
        raise Refused(f"not written for numpy: {c['kind']}")
    batch, m, n, k = c["batch"], c["m"], c["n"], c["k"]

    def operand(data, rows, columns, transposed):
        shape = (batch, columns, rows) if transposed else (batch, rows, columns)
        stored = data.reshape(shape)
        view = stored.swapaxes(1, 2) if transposed else stored
        return view[0] if batch == 1 else view

    a = operand(fill(batch * m * k, 0), m, k, c["transposeA"])
    b = operand(fill(batch * k * n, 1), k, n, c["transposeB"])
    out = np.empty((m, n) if batch == 1 else (batch, m, n), np.float32)
    np.matmul(a, b, out=out)
    return (lambda: np.matmul(a, b, out=out)), np.abs(out).mean(dtype=np.float64)


kernels = [f" {blas['internal_api']} {blas['version']} {blas.get('architecture', '')}" for blas in threadpool_info()]
check_version("numpy", np.__version__)
serve(f"numpy {np.__version__}{''.join(kernels)}", prepare)
