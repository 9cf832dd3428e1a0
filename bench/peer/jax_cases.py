"""The benchmarks in JAX: a step that is compiled, and an epoch that is compiled as a whole."""

import os

# One core, before JAX counts them: it has no setting for the number of threads.
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
from jax import numpy as jnp

import samples
import worker

LEARNING_RATE = 0.01
EXAMPLES = 50_000


def first_weights(hidden):
    return {
        "w1": jnp.asarray(samples.normal((784, hidden), 1, 0.03)),
        "b1": jnp.zeros(hidden),
        "w2": jnp.asarray(samples.normal((hidden, 10), 2, 0.1)),
        "b2": jnp.zeros(10),
    }


def cost(weights, images, targets):
    hidden = jax.nn.sigmoid(images @ weights["w1"] + weights["b1"])
    output = jax.nn.sigmoid(hidden @ weights["w2"] + weights["b2"])
    return jnp.sum((output - targets) ** 2) * (0.5 / len(images))


def descend(weights, images, targets):
    slopes = jax.grad(cost)(weights, images, targets)
    return jax.tree.map(lambda weight, slope: weight - LEARNING_RATE * slope, weights, slopes)


def mlp_steps(hidden, batch, count=64):
    """`count` steps, each a call of its own."""
    images, targets = samples.digits(count * batch)
    batches = [
        (jnp.asarray(images[i : i + batch]), jnp.asarray(targets[i : i + batch])) for i in range(0, len(images), batch)
    ]
    descend_compiled = jax.jit(descend, donate_argnums=0)
    weights = first_weights(hidden)

    def steps():
        nonlocal weights
        for images, targets in batches:
            weights = descend_compiled(weights, images, targets)
        jax.block_until_ready(weights)

    return steps, count


def mlp_epoch(hidden, batch):
    """All steps of an epoch in one call."""
    count = EXAMPLES // batch
    images, targets = samples.digits(count * batch)
    epoch = jnp.asarray(images.reshape(count, batch, 784)), jnp.asarray(targets.reshape(count, batch, 10))
    train = jax.jit(
        lambda weights, epoch: jax.lax.scan(lambda w, b: (descend(w, *b), None), weights, epoch)[0], donate_argnums=0
    )
    weights = first_weights(hidden)

    def step():
        nonlocal weights
        weights = jax.block_until_ready(train(weights, epoch))

    return step, count


if __name__ == "__main__":
    cases = {}
    for hidden, batch in [(30, 10), (100, 10), (100, 128)]:
        cases[f"mlp {hidden}/{batch}"] = lambda h=hidden, b=batch: mlp_steps(h, b)
        cases[f"mlp {hidden}/{batch}, epoch"] = lambda h=hidden, b=batch: mlp_epoch(h, b)
    worker.serve(jax.__version__, cases)
