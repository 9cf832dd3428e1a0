#pragma once

#include <string>

#include <gradus/optim/state.h>

namespace gradus {

/// Writes the present values of a state as a safetensors file: tensors and lists of numbers as tensors, single numbers
/// and facts as its metadata. Equal values give equal bytes. A checkpoint that was there is replaced in one go:
/// whenever the program is killed, the old one or the new one is there as a whole. Throws DataError where the file
/// cannot be written.
void write_checkpoint(const std::string& path, const State& state);

/// Gives the variables of a state the values that they had when the file was written. Throws DataError, naming the file
/// and the variable, where the file is damaged or no checkpoint, a variable is not in it or is of another shape or
/// dtype, a fact is another one, or it holds something that the state does not; no variable has changed then.
void read_checkpoint(const std::string& path, const State& state);

}  // namespace gradus
