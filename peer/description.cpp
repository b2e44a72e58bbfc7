#include "peer/description.hpp"

namespace lucid::peer {

std::string_view to_string(SdpType type) {
  switch (type) {
    case SdpType::offer:
      return "offer";
    case SdpType::pranswer:
      return "pranswer";
    case SdpType::answer:
      return "answer";
    case SdpType::rollback:
      return "rollback";
  }
  return "unknown";
}

std::optional<SdpType> sdp_type_from_string(std::string_view text) {
  for (const SdpType type :
       {SdpType::offer, SdpType::pranswer, SdpType::answer, SdpType::rollback}) {
    if (to_string(type) == text) return type;
  }
  return std::nullopt;
}

}  // namespace lucid::peer
