#pragma once
#include <cstdio>

#include "core/handle.hpp"

namespace lucid::glass {

// A file that closes itself; null stands for standard error, which stays open.
using File = core::Handle<std::FILE, std::fclose>;
inline std::FILE* stream_of(const File& file) { return file ? file.get() : stderr; }

}  // namespace lucid::glass
