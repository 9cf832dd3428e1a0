"""Networks in the files of the book's network2.py, with nothing but Python's standard library: what gradus is held
against.

network2.py write FILE SEED COST SIZE...   a random network, as network2.save writes it
network2.py feedforward FILE NUMBER...     what the last layer says to an input, a number a line
network2.py same FILE FILE                 fails unless network2.load finds the same network in both, to the bit
"""

import json
import math
import random
import sys


def write(file, seed, cost, *sizes):
    draw = random.Random(int(seed))
    sizes = [int(size) for size in sizes]
    layers = list(zip(sizes[:-1], sizes[1:]))
    network = {
        "sizes": sizes,
        # Powers of ten: all that a decimal number can look like.
        "weights": [
            [[draw.gauss(0, 1) * 10.0 ** draw.randint(-9, 0) for _ in range(inputs)] for _ in range(outputs)]
            for inputs, outputs in layers
        ],
        "biases": [[[draw.gauss(0, 1)] for _ in range(outputs)] for _, outputs in layers],
        "cost": cost,
    }
    with open(file, "w") as out:
        json.dump(network, out)


def load(file):
    with open(file) as source:
        network = json.load(source)
    assert network["cost"] in ("CrossEntropyCost", "QuadraticCost"), network["cost"]
    layers = list(zip(network["sizes"][:-1], network["sizes"][1:]))
    assert len(layers) == len(network["weights"]) == len(network["biases"])
    for (inputs, outputs), matrix, column in zip(layers, network["weights"], network["biases"]):
        assert [len(row) for row in matrix] == [inputs] * outputs
        assert [len(row) for row in column] == [1] * outputs
        assert all(type(number) is float for row in matrix + column for number in row)
    return network


def feedforward(file, *numbers):
    network = load(file)
    activations = [float(number) for number in numbers]
    for matrix, column in zip(network["weights"], network["biases"]):
        sums = [math.fsum(w * a for w, a in zip(row, activations)) + b for row, (b,) in zip(matrix, column)]
        activations = [1 / (1 + math.exp(-z)) for z in sums]
    for activation in activations:
        print(repr(activation))


def same(first, second):
    # repr tells all doubles apart, 0.0 and -0.0 too.
    first, second = load(first), load(second)
    assert all(repr(first[key]) == repr(second[key]) for key in first), "the networks differ"


{"write": write, "feedforward": feedforward, "same": same}[sys.argv[1]](*sys.argv[2:])
