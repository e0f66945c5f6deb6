"""One thread for numerical libraries: their threads wait busily, which costs most where others work too.

Stays out: CatBoost, whose threads are a setting.
"""

from __future__ import annotations

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """Keep BLAS and OpenMP to one thread inside a `with`; sums then do not depend on the number of cores."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
