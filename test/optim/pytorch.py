"""Prints pytorch.json: runs of PyTorch's optimisers in float64 on a 2-3-1 network, for pytorch.test.ts.

Steps of a nearly fixed length (RMSprop, Adam with short averages) end in jumps to and fro that amplify any rounding, so
that nobody reproduces them, PyTorch started one bit away included. Only samples before that are kept: the two runs made
for each agree to 1e-11.

python pytorch.py > pytorch.json    (made with torch 2.13.0 on an x86-64 processor)
"""

import json
import math

import torch

torch.set_default_dtype(torch.float64)

X = torch.tensor([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.1, 0.3]])
Y = torch.tensor([[0.2], [0.9], [0.4], [0.6]])
START = {
    "b1": [0.05, -0.1, 0.2],
    "b2": [-0.3],
    "w1": [[0.4, -0.7, 0.3], [-0.2, 0.5, 0.9]],
    "w2": [[0.8], [-0.6], [0.25]],
}
STEPS = [1, 2, 10, 100, 500]
EARLY = [1, 2, 10, 100, 200]


def run(make, schedule=None, clip=None, steps=STEPS):
    samples = samples_of(make, schedule, clip, steps, START)
    nearby = samples_of(make, schedule, clip, steps, {**START, "b2": [math.nextafter(START["b2"][0], 0)]})
    for one, other in zip(samples, nearby):
        assert all(abs(a - b) <= 1e-11 * abs(a) for a, b in zip(one, other))
    return {"steps": steps, "parameters": samples}


def samples_of(make, schedule, clip, steps, start):
    p = {k: torch.tensor(v, requires_grad=True) for k, v in start.items()}

    def loss():
        hidden = torch.sigmoid(X @ p["w1"] + p["b1"])
        return ((hidden @ p["w2"] + p["b2"] - Y) ** 2).mean()

    optimiser = make(list(p.values()))
    scheduler = schedule(optimiser) if schedule else None

    def closure():
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    samples = []
    for step in range(1, max(steps) + 1):
        if isinstance(optimiser, torch.optim.LBFGS):
            optimiser.step(closure)
        else:
            closure()
            if clip:
                clip(p.values())
            optimiser.step()
        if scheduler:
            scheduler.step()
        if step in steps:
            samples.append([x for v in p.values() for x in v.detach().flatten().tolist()])
    return samples


def of(name, **options):
    return lambda p: getattr(torch.optim, name)(p, **options)


S = torch.optim.lr_scheduler
U = torch.nn.utils
runs = {
    "sgd": run(of("SGD", lr=0.1)),
    "sgd, weight decay": run(of("SGD", lr=0.1, weight_decay=1e-2)),
    "sgd, momentum": run(of("SGD", lr=0.1, momentum=0.9)),
    "sgd, damped momentum": run(of("SGD", lr=0.1, momentum=0.9, dampening=0.3, weight_decay=1e-3)),
    "sgd, nesterov": run(of("SGD", lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-6)),
    "adagrad": run(of("Adagrad", lr=0.5)),
    "adagrad, weight decay": run(of("Adagrad", lr=0.5, weight_decay=1e-2)),
    "adagrad, rate decay": run(of("Adagrad", lr=0.5, weight_decay=1e-6, lr_decay=1e-3)),
    "adagrad, first sum": run(of("Adagrad", lr=0.5, initial_accumulator_value=0.1, eps=1e-6)),
    "rmsprop": run(of("RMSprop", lr=0.01), steps=EARLY),
    "rmsprop, weight decay": run(of("RMSprop", lr=0.01, weight_decay=1e-2), steps=EARLY),
    "rmsprop, centred": run(of("RMSprop", lr=0.01, weight_decay=1e-6, centered=True), steps=EARLY),
    "rmsprop, centred, momentum": run(
        of("RMSprop", lr=0.01, alpha=0.9, eps=1e-6, weight_decay=1e-6, centered=True, momentum=0.9)
    ),
    "rmsprop, momentum": run(of("RMSprop", lr=0.01, momentum=0.5), steps=EARLY),
    "adam": run(of("Adam", lr=0.1)),
    "adam, weight decay": run(of("Adam", lr=0.1, weight_decay=1e-2)),
    "adam, amsgrad": run(of("Adam", lr=0.1, weight_decay=1e-6, amsgrad=True)),
    "adam, other constants": run(of("Adam", lr=0.05, betas=(0.5, 0.9), eps=1e-3), steps=[1, 2, 10, 50]),
    "adam, no averages": run(of("Adam", lr=0.01, betas=(0.0, 0.0), eps=1e-2), steps=[1, 2, 10, 50]),
    "adamw": run(of("AdamW", lr=0.1)),
    "adamw, no weight decay": run(of("AdamW", lr=0.1, weight_decay=0.0)),
    "adamw, amsgrad": run(of("AdamW", lr=0.1, weight_decay=1e-2, amsgrad=True)),
    "clip by norm": run(of("SGD", lr=0.5), clip=lambda p: U.clip_grad_norm_(p, 0.05)),
    "clip by value": run(of("SGD", lr=0.5, momentum=0.5), clip=lambda p: U.clip_grad_value_(p, 0.02)),
    "stepwise": run(of("SGD", lr=0.5), lambda o: S.StepLR(o, step_size=30, gamma=0.5)),
    "exponential": run(of("SGD", lr=0.5), lambda o: S.ExponentialLR(o, gamma=0.99)),
    "cosine": run(of("SGD", lr=0.5), lambda o: S.CosineAnnealingLR(o, T_max=500, eta_min=0.01)),
    "one cycle": run(
        of("SGD", lr=0.5), lambda o: S.OneCycleLR(o, max_lr=0.5, total_steps=501, cycle_momentum=False)
    ),
    "one cycle, other constants": run(
        of("AdamW", lr=0.5),
        lambda o: S.OneCycleLR(
            o, max_lr=0.1, total_steps=501, pct_start=0.1, div_factor=10, final_div_factor=100, cycle_momentum=False
        ),
    ),
    "lbfgs": run(of("LBFGS", lr=0.5), steps=[1, 2, 5]),
    "lbfgs, short memory": run(of("LBFGS", lr=0.5, max_iter=7, history_size=3), steps=[1, 2, 5]),
    "lbfgs, line search": run(of("LBFGS", lr=1.0, line_search_fn="strong_wolfe"), steps=[1, 2]),
    "lbfgs, one iteration": run(
        of("LBFGS", lr=1.0, max_iter=1, max_eval=10, line_search_fn="strong_wolfe"), steps=[1, 2, 10]
    ),
}
document = {"torch": torch.__version__, "x": X.tolist(), "y": Y.tolist(), "start": START, "runs": runs}
lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in document.items() if k != "runs"]
each = ",\n".join(f"{json.dumps(name)}: {json.dumps(r)}" for name, r in runs.items())
print("{" + ",\n".join(lines) + ',\n"runs": {\n' + each + "\n}}")
