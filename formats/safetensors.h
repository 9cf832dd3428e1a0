#pragma once

#include <map>
#include <string>

#include <gradus/graph/tensor.h>

/// Files of safetensors, the format in which most models are handed around (github.com/huggingface/safetensors): eight
/// bytes with the length of a header, little-endian; the header, JSON, which gives each tensor's dtype, shape and place
/// and may hold texts under "__metadata__"; then the entries, little-endian and row-major.
namespace gradus::safetensors {

/// What a file holds.
struct Contents {
  std::map<std::string, Tensor> tensors = {};
  std::map<std::string, std::string> metadata = {};
};

/// Reads a file. float32 is F32 there, float64 F64, int32 I32 and bool BOOL; each tensor has its name. Throws
/// DataError, with the file, the byte and what was expected there, unless the file is sound from the first byte to the
/// last: no more is believed than the bytes that are there can hold. A tensor of another dtype (BF16, F16, …) is an
/// error too.
Contents load(const std::string& path);

/// Writes a file, evaluating what has no value yet. The same contents give the same bytes: larger entries first, then
/// by name, so that every entry lies at a multiple of its size. A file that was there is replaced in one go, or stays
/// if anything throws, even where the program is killed meanwhile. Throws DataError where the file cannot be written,
/// ValueError where a tensor is an empty handle or a text is no UTF-8, and what evaluation throws.
void save(const std::string& path, const Contents& contents);

}  // namespace gradus::safetensors
