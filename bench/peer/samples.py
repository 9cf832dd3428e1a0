"""What every program is trained on: the same shapes as in the C++ benchmarks."""

import numpy

WORDS, LEAVES, WIDTH = 1000, 50, 50
INPUTS, SHORTEST, LONGEST = 64, 5, 60


class MinimalStandard:
    """C++'s std::minstd_rand with seed 1."""

    def __init__(self):
        self.state = 1

    def below(self, n):
        self.state = self.state * 48271 % (2**31 - 1)
        return self.state % n


def random_trees(count):
    """(words, joins) for each tree: nodes 0 … 49 are leaves, join i makes node 50 + i of a left and a right one."""
    draw = MinimalStandard()
    trees = []
    for _ in range(count):
        words = [draw.below(WORDS) for _ in range(LEAVES)]
        nodes, joins = list(range(LEAVES)), []
        while len(nodes) > 1:
            left = draw.below(len(nodes) - 1)
            joins.append((nodes[left], nodes[left + 1]))
            nodes[left : left + 2] = [LEAVES + len(joins) - 1]
        trees.append((words, joins))
    return trees


def random_sequences(count):
    draw = MinimalStandard()
    lengths = [SHORTEST + draw.below(LONGEST - SHORTEST + 1) for _ in range(count)]
    return [uniform((length, INPUTS), seed) for seed, length in enumerate(lengths)]


def digits(examples, seed=0):
    """Images with four pixels in five 0, and one-hot targets."""
    generator = numpy.random.default_rng(seed)
    ink = generator.random((examples, 784), dtype=numpy.float32)
    images = numpy.where(ink > 0.8, ink, numpy.float32(0))
    return images, numpy.eye(10, dtype=numpy.float32)[generator.integers(0, 10, examples)]


def uniform(shape, seed, bound=1.0):
    return numpy.random.default_rng(seed).uniform(-bound, bound, shape).astype(numpy.float32)


def normal(shape, seed, deviation):
    return (numpy.random.default_rng(seed).standard_normal(shape) * deviation).astype(numpy.float32)
