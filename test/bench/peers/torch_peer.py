"""The workloads on PyTorch, eager, with its own optimisers. Argument: the workload."""

import sys

import peer
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
workload = sys.argv[1]
found = [None]


def tensor(a):
    return torch.tensor(a, dtype=torch.float32)


def convolutional(p, x, t):
    h = torch.relu(F.conv2d(F.pad(x, (1, 2, 1, 2)), p[0], p[1], stride=2))
    h = torch.relu(F.conv2d(F.pad(h, (0, 1, 0, 1)), p[2], p[3], stride=2))
    return F.cross_entropy(torch.addmm(p[5], h.flatten(1), p[4]), t)


def recurrent(p, x):
    wx, wh, b = p
    h, c = torch.zeros(16, 64), torch.zeros(16, 64)
    for xt in x.unbind(0):
        i, f, g, o = (torch.addmm(b, xt, wx) + h @ wh).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h.square().mean()


def hidden(p, x):
    return torch.addmm(p[1], x, p[0])


LOSSES = {
    "W1": lambda p, x, y: F.mse_loss(torch.addmm(p[3], torch.sigmoid(hidden(p, x)), p[2]), y),
    "W2": lambda p, x, y: F.mse_loss(
        torch.sigmoid(torch.addmm(p[3], torch.sigmoid(hidden(p, x)), p[2])), y, reduction="sum"
    ),
    "W3": lambda p, x, t: F.cross_entropy(torch.addmm(p[3], torch.relu(hidden(p, x)), p[2]), t),
    "W4": convolutional,
    "W5": recurrent,
}

if workload.startswith("W6"):
    n = int(workload.split("-")[1])
    a, b, c = tensor(peer.numbers((n, n), 1, 1)), tensor(peer.numbers((n, n), 1, 2)), torch.empty(n, n)
    peer.serve(lambda: torch.mm(a, b, out=c), lambda: None)
elif workload == "W7":
    x = tensor(peer.DATA["W7"]()[1][0]).requires_grad_()

    def rosenbrock():
        found[0] = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        torch.autograd.grad(found[0], x)

    peer.serve(rosenbrock, lambda: found[0].item())
else:
    data, parameters = peer.DATA[workload]()
    inputs = [tensor(d) for d in data]
    adam = workload in ("W3", "W4")
    if adam:
        inputs[1] = inputs[1].argmax(1)
    p = [tensor(q).requires_grad_() for q in parameters]
    rate = peer.RATES[workload]
    optimiser = torch.optim.Adam(p, lr=rate, foreach=True) if adam else torch.optim.SGD(p, lr=rate)

    def training():
        optimiser.zero_grad(set_to_none=True)
        found[0] = LOSSES[workload](p, *inputs)
        found[0].backward()
        optimiser.step()

    peer.serve(training, lambda: found[0].item())
