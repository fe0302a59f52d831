// See mutations.h.
#include "tests/front_end/mutations.h"
#include "tests/front_end/check_module.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <random>

using namespace wasmetal;

static size_t below(std::mt19937_64 &random, size_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

static void mutateOnce(Bytes &bytes, const Bytes &donor,
                       std::mt19937_64 &random) {
  if (bytes.empty())
    return;
  // The header alone is not interesting.
  size_t first = std::min<size_t>(8, bytes.size() - 1);
  size_t at = first + below(random, bytes.size() - first);
  size_t length = 1 + below(random, std::min<size_t>(16, bytes.size() - at));
  switch (below(random, 10)) {
  case 0:
  case 1:
  case 2:
    bytes[at] ^= 1 << below(random, 8);
    return;
  case 3:
    bytes[at] = static_cast<uint8_t>(random());
    return;
  case 4:
    bytes[at] += random() & 1 ? 1 : 0xff;
    return;
  case 5: { // a byte that is likely to mean something
    static constexpr uint8_t interesting[] = {
        0x00, 0x01, 0x0b, 0x40, 0x60, 0x63, 0x64, 0x6f, 0x70, 0x7b, 0x7f,
        0x80, 0xff, 0xfc, 0xfd, 0x05, 0x0e, 0x11, 0x1c, 0x23, 0xd0, 0xd2};
    bytes[at] = interesting[below(random, std::size(interesting))];
    return;
  }
  case 6: // rarely a truncation: few survive the sections' sizes
    if (below(random, 4) == 0)
      bytes.resize(at);
    else
      bytes.erase(bytes.begin() + at, bytes.begin() + at + length);
    return;
  case 7: {
    Bytes copy(bytes.begin() + at, bytes.begin() + at + length);
    bytes.insert(bytes.begin() + below(random, bytes.size()), copy.begin(),
                 copy.end());
    return;
  }
  case 8: { // overwrite from elsewhere in the module
    size_t from = below(random, bytes.size() - length + 1);
    std::copy_n(Bytes(bytes).begin() + from, length, bytes.begin() + at);
    return;
  }
  default: { // overwrite from another module
    if (donor.empty())
      return;
    size_t from = below(random, donor.size());
    length = std::min({length, donor.size() - from, bytes.size() - at});
    std::copy_n(donor.begin() + from, length, bytes.begin() + at);
    return;
  }
  }
}

Bytes wasmetal::mutation(const std::vector<Bytes> &corpus, uint64_t seed,
                         uint64_t number) {
  std::mt19937_64 random(seed * 1'000'003 + number);
  Bytes bytes = corpus[below(random, corpus.size())];
  const Bytes &donor = corpus[below(random, corpus.size())];
  size_t numMutations = 1 + below(random, 1 + below(random, 6));
  for (size_t i = 0; i < numMutations; i++)
    mutateOnce(bytes, donor, random);
  return bytes;
}

static void addFile(llvm::StringRef path, std::vector<Bytes> &corpus) {
  constexpr size_t maxSize = 256 * 1024;
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFile(path);
  if (!file || (*file)->getBufferSize() > maxSize)
    return;
  llvm::StringRef contents = (*file)->getBuffer();
  corpus.emplace_back(contents.bytes_begin(), contents.bytes_end());
}

std::vector<Bytes> wasmetal::readCorpus(llvm::ArrayRef<std::string> paths) {
  std::vector<std::string> files;
  for (const std::string &path : paths) {
    if (!llvm::sys::fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::error_code error;
    for (llvm::sys::fs::recursive_directory_iterator entry(path, error), end;
         entry != end && !error; entry.increment(error))
      if (llvm::StringRef(entry->path()).ends_with(".wasm"))
        files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const std::string &file : files)
    addFile(file, corpus);
  // Mutations of what is refused already would mostly be refused likewise.
  llvm::erase_if(corpus, [](const Bytes &bytes) {
    llvm::Error error = checkModule(bytes);
    bool isRefused = static_cast<bool>(error);
    llvm::consumeError(std::move(error));
    return isRefused;
  });
  return corpus;
}
