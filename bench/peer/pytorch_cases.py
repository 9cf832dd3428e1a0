"""The benchmarks in PyTorch, as its users write them."""

import itertools

import torch
from torch.nn import functional

import samples
import worker

LEARNING_RATE = 0.01


def parameter(values):
    return torch.from_numpy(values).requires_grad_()


def zeros(size):
    return torch.zeros(size, requires_grad=True)


def half_square(output, target):
    return (output - target).square().sum() * (0.5 / len(output))


class Mlp:
    def __init__(self, hidden, seed=1):
        self.w1, self.b1 = parameter(samples.normal((784, hidden), seed, 0.03)), zeros(hidden)
        self.w2, self.b2 = parameter(samples.normal((hidden, 10), seed + 100, 0.1)), zeros(10)
        self.parameters = [self.w1, self.b1, self.w2, self.b2]

    def cost(self, images, targets):
        hidden = torch.sigmoid(torch.addmm(self.b1, images, self.w1))
        output = torch.sigmoid(torch.addmm(self.b2, hidden, self.w2))
        return half_square(output, targets)


class Cnn:
    """The book's network C."""

    def __init__(self, seed=1):
        self.w1, self.b1 = parameter(samples.normal((20, 1, 5, 5), seed, 0.2)), zeros(20)
        self.w2, self.b2 = parameter(samples.normal((40, 20, 5, 5), seed + 1, 0.05)), zeros(40)
        self.w3, self.b3 = parameter(samples.normal((640, 100), seed + 2, 0.04)), zeros(100)
        self.w4, self.b4 = parameter(samples.normal((100, 10), seed + 3, 0.1)), zeros(10)
        self.parameters = [self.w1, self.b1, self.w2, self.b2, self.w3, self.b3, self.w4, self.b4]

    def logits(self, images):
        features = functional.max_pool2d(torch.relu(functional.conv2d(images.view(-1, 1, 28, 28), self.w1, self.b1)), 2)
        features = functional.max_pool2d(torch.relu(functional.conv2d(features, self.w2, self.b2)), 2)
        hidden = torch.relu(torch.addmm(self.b3, features.flatten(1), self.w3))
        return torch.addmm(self.b4, hidden, self.w4)

    def cost(self, images, targets):
        return functional.cross_entropy(self.logits(images), targets)


def cnn(batch, threads, compiled=False):
    network = Cnn()
    cost = torch.compile(network.cost) if compiled else network.cost
    return training_step(network.parameters, lambda batch: cost(*batch), batches(batch), threads)


def cnn_inference(batch):
    network, inputs = Cnn(), batches(batch)

    def logits():
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
        with torch.inference_mode():
            network.logits(next(inputs)[0])

    return logits, 1


def batches(size):
    images, targets = (torch.from_numpy(values) for values in samples.digits(64 * size))
    return itertools.cycle(zip(images.split(size), targets.split(size)))


def training_step(parameters, cost, inputs, threads=1):
    """One step of gradient descent on the next of `inputs`."""
    optimizer = torch.optim.SGD(parameters, lr=LEARNING_RATE)

    def step():
        optimizer.zero_grad()
        cost(next(inputs)).backward()
        optimizer.step()

    def step_with_threads():
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        step()

    return step_with_threads, 1


def mlp(hidden, batch, compiled=False):
    network = Mlp(hidden)
    cost = torch.compile(network.cost) if compiled else network.cost
    return training_step(network.parameters, lambda batch: cost(*batch), batches(batch))


def ensemble(threads):
    members = [Mlp(30, seed) for seed in range(8)]
    parameters = [parameter for member in members for parameter in member.parameters]
    return training_step(parameters, lambda batch: sum(member.cost(*batch) for member in members), batches(10), threads)


def tree(one_look_up):
    """Either all leaves are looked up at once, or each for itself."""
    width = samples.WIDTH
    table = parameter(samples.uniform((samples.WORDS, width), 1))
    w, b = parameter(samples.normal((2 * width, width), 2, 0.1)), zeros(width)
    target = torch.from_numpy(samples.uniform((1, width), 3, 0.5))

    def cost(words, joins):
        if one_look_up:
            nodes = list(functional.embedding(words, table).split(1))
        else:
            nodes = [functional.embedding(word, table) for word in words]
        for left, right in joins:
            nodes.append(torch.tanh(torch.addmm(b, torch.cat((nodes[left], nodes[right]), 1), w)))
        return half_square(nodes[-1], target)

    trees = [(torch.tensor(words), joins) for words, joins in samples.random_trees(2000)]
    if not one_look_up:
        trees = [(words.split(1), joins) for words, joins in trees]
    return training_step([table, w, b], lambda tree: cost(*tree), itertools.cycle(trees))


def sequence():
    hidden = samples.INPUTS
    w, u = (parameter(samples.normal((hidden, hidden), seed, 0.1)) for seed in (1, 2))
    b = zeros(hidden)
    start, target = torch.zeros(1, hidden), torch.from_numpy(samples.uniform((1, hidden), 3, 0.5))

    def cost(x):
        h = start
        for step in x.split(1):
            h = torch.tanh(torch.addmm(b, step, w) + h @ u)
        return half_square(h, target)

    sequences = itertools.cycle(map(torch.from_numpy, samples.random_sequences(256)))
    return training_step([w, u, b], cost, sequences)


SIZES = [(30, 10), (100, 10), (100, 128)]

if __name__ == "__main__":
    cases = {
        "tree": lambda: tree(one_look_up=True),
        "tree, one look-up a leaf": lambda: tree(one_look_up=False),
        "sequence": sequence,
        "ensemble, 1 thread": lambda: ensemble(1),
        "ensemble, 2 threads": lambda: ensemble(2),
    }
    for batch in (10, 128):
        for threads in (1, 2):
            name = f"cnn {batch}, {threads} thread" + "s" * (threads > 1)
            cases[name] = lambda b=batch, t=threads: cnn(b, t)
            cases[f"{name}, compiled"] = lambda b=batch, t=threads: cnn(b, t, compiled=True)
    for batch in (1, 128):
        cases[f"cnn inference {batch}"] = lambda b=batch: cnn_inference(b)
    for hidden, batch in SIZES:
        cases[f"mlp {hidden}/{batch}"] = lambda h=hidden, b=batch: mlp(h, b)
        cases[f"mlp {hidden}/{batch}, compiled"] = lambda h=hidden, b=batch: mlp(h, b, compiled=True)
    worker.serve(torch.__version__, cases)
