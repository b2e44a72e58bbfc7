#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace lucid::core {

void check_failed(std::source_location where) {
  std::fprintf(stderr, "lucid: check failed at %s:%u in %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

}  // namespace lucid::core
