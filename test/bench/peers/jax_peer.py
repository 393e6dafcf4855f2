"""The workloads on JAX: value, gradient and update jitted together, parameters donated. Argument: the workload."""

import sys

import peer

peer.one_core()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

workload = sys.argv[1]
array = lambda a: jnp.asarray(a, jnp.float32)  # noqa: E731
sigmoid = jax.nn.sigmoid


def descending(loss, rate):
    def step(state, *data):
        value, gradients = jax.value_and_grad(loss)(state, *data)
        return [p - rate * g for p, g in zip(state, gradients)], value

    return jax.jit(step, donate_argnums=0), list


def adapting(loss, rate):
    def step(state, *data):
        ps, ms, vs, t = state
        value, gradients = jax.value_and_grad(loss)(ps, *data)
        t = t + 1
        ms = [0.9 * m + 0.1 * g for m, g in zip(ms, gradients)]
        vs = [0.999 * v + 0.001 * g * g for v, g in zip(vs, gradients)]
        size, correction = rate / (1 - 0.9**t), 1 - 0.999**t
        ps = [p - size * m / (jnp.sqrt(v / correction) + 1e-8) for p, m, v in zip(ps, ms, vs)]
        return (ps, ms, vs, t), value

    def begin(ps):
        return (list(ps), [jnp.zeros_like(p) for p in ps], [jnp.zeros_like(p) for p in ps], jnp.float32(0))

    return jax.jit(step, donate_argnums=0), begin


def cross_entropy(z, t):
    return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(z), 1))


def convolutional(p, x, t):
    padded = jnp.pad(x, ((0, 0), (0, 0), (1, 2), (1, 2)))
    h = jax.nn.relu(jax.lax.conv(padded, p[0], (2, 2), "VALID") + p[1][None, :, None, None])
    padded = jnp.pad(h, ((0, 0), (0, 0), (0, 1), (0, 1)))
    h = jax.nn.relu(jax.lax.conv(padded, p[2], (2, 2), "VALID") + p[3][None, :, None, None])
    return cross_entropy(h.reshape(h.shape[0], -1) @ p[4] + p[5], t)


def recurrent(p, x):
    def cell(state, xt):
        h, c = state
        i, f, g, o = jnp.split(xt @ p[0] + h @ p[1] + p[2], 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
        return (sigmoid(o) * jnp.tanh(c), c), None

    (h, _), _ = jax.lax.scan(cell, (jnp.zeros((16, 64)), jnp.zeros((16, 64))), x)
    return jnp.mean(h * h)


LOSSES = {
    "W1": lambda p, x, y: jnp.mean((sigmoid(x @ p[0] + p[1]) @ p[2] + p[3] - y) ** 2),
    "W2": lambda p, x, y: jnp.sum((sigmoid(sigmoid(x @ p[0] + p[1]) @ p[2] + p[3]) - y) ** 2),
    "W3": lambda p, x, t: cross_entropy(jax.nn.relu(x @ p[0] + p[1]) @ p[2] + p[3], t),
    "W4": convolutional,
    "W5": recurrent,
}

if workload.startswith("W6"):
    n = int(workload.split("-")[1])
    a, b = array(peer.numbers((n, n), 1, 1)), array(peer.numbers((n, n), 1, 2))
    multiply = jax.jit(lambda a, b: a @ b)
    peer.serve(lambda: multiply(a, b).block_until_ready(), lambda: None)
elif workload == "W7":
    at = array(peer.DATA["W7"]()[1][0])
    both = jax.jit(jax.value_and_grad(lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)))
    found = [None]

    def rosenbrock():
        found[0], gradient = both(at)
        gradient.block_until_ready()

    peer.serve(rosenbrock, lambda: float(found[0]))
else:
    data, parameters = peer.DATA[workload]()
    train = adapting if workload in ("W3", "W4") else descending
    update, begin = train(LOSSES[workload], peer.RATES[workload])
    now = [begin([array(p) for p in parameters]), None]
    inputs = [array(d) for d in data]

    def training():
        now[0], now[1] = update(now[0], *inputs)
        now[1].block_until_ready()

    peer.serve(training, lambda: float(now[1]))
