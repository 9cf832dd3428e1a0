#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

// Kernels of one input, the key {seed low, seed high, stream low, stream high}. Entry i depends on the key and i alone,
// so a shorter draw is the beginning of a longer one, and float32 and float64 draws of one key agree to float32's
// digits.

/// float32 or float64, 0 ≤ u < 1: 24 or 53 random bits.
KernelPointer uniform(const KernelRequest& request);
/// float32 or float64 of mean 0 and deviation 1, by G. E. P. Box and M. E. Muller, "A note on the generation of random
/// normal deviates", 1958: two uniform numbers make two normal ones.
KernelPointer normal(const KernelRequest& request);
/// int32, reals[0] ≤ k < reals[1].
KernelPointer random_integers(const KernelRequest& request);
/// int32: 0 … n−1 in random order, each order equally likely (R. A. Fisher, F. Yates, 1938).
KernelPointer permutation(const KernelRequest& request);

}  // namespace gradus::cpu
