#include <gradus/formats/replace_file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <gradus/graph/error.h>

namespace gradus {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw DataError(fmt::format(
      "'{}' cannot be written ({}); expected a place in a folder that exists and takes files", path,
      std::strerror(error)));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  // These return whether it worked; errno says why not.
  bool is_open() const { return number_ >= 0; }
  bool write(FilePiece piece) const {
    while (!piece.empty()) {
      const ssize_t written = ::write(number_, piece.data(), piece.size());
      if (written < 0 && errno != EINTR) return false;
      if (written > 0) piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool force_onto_disk() const { return ::fsync(number_) == 0; }
  // Networks tell only now what they could not write.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

bool write_all(const std::string& path, const std::vector<FilePiece>& pieces) {
  Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return false;
  for (const FilePiece piece : pieces) {
    if (!file.write(piece)) return false;
  }
  return file.force_onto_disk() && file.close();
}

}  // namespace

void replace_file(const std::string& path, const std::vector<FilePiece>& pieces) {
  const std::string part = path + ".part";
  if (!write_all(part, pieces) || std::rename(part.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(part.c_str());
    fail(path, error);
  }
  // Else a power cut may take the new name back. Some file systems do not offer this for folders; then that is all.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor entries(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (entries.is_open()) (void)entries.force_onto_disk();
}

}  // namespace gradus
