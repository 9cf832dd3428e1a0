#pragma once

#include <cstddef>

namespace gradus {

/// Memory for values, aligned to 64 bytes, from blocks that were given back before: a training step asks for the same
/// sizes over and over, and fresh pages of the system cost more than the arithmetic on them. What is kept is bounded.
/// Throws std::bad_alloc.
void* take_block(std::size_t bytes);
/// `bytes` as when it was taken.
void give_block_back(void* block, std::size_t bytes);

}  // namespace gradus
