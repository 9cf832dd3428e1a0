#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gradus {

/// Bytes of a file that is about to be written.
using FilePiece = std::span<const std::byte>;

/// Writes the pieces, one after the other, as a file that is there as a whole or not at all: whoever opens `path`, and
/// whenever the program or the machine stops, finds what was there before or everything that is new. The bytes go into
/// a file of the same name with ".part" behind it, onto the disk, and then take the name. Throws DataError, naming the
/// file and the reason, where that fails; what was there before stays.
void replace_file(const std::string& path, const std::vector<FilePiece>& pieces);

}  // namespace gradus
