#pragma once
#include <string>
#include <vector>

#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp::rtcp {

// One thing that a message says; the value is text that is JSON as well.
struct Field {
  std::string_view name;
  std::string value;
};
std::vector<Field> fields_of(const Message& message);

}  // namespace lucid::rtp::rtcp
