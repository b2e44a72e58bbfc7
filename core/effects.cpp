#include "core/effects.hpp"

namespace lucid::core {

std::string_view to_string(PathError error) {
  switch (error) {
    case PathError::unreachable:
      return "unreachable";
    case PathError::refused:
      return "refused";
    case PathError::timed_out:
      return "timed out";
    case PathError::too_big:
      return "too big";
    case PathError::not_permitted:
      return "not permitted";
    case PathError::bad_certificate:
      return "bad certificate";
    case PathError::closed:
      return "closed";
  }
  return "unknown";
}

}  // namespace lucid::core
