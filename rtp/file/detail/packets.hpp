#pragma once
#include <bit>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace lucid::rtp::file::detail {

// Reads numbers in the byte order that a file says it is written in.
class OrderedReader {
 public:
  OrderedReader(core::Bytes bytes, bool little) : in{bytes}, little_{little} {}
  std::uint16_t u16() { return little_ ? std::byteswap(in.u16()) : in.u16(); }
  std::uint32_t u32() { return little_ ? std::byteswap(in.u32()) : in.u32(); }

  core::ByteReader in;

 private:
  bool little_;
};

// What UDP carries in a frame of this link type (as tcpdump.org lists them); nullopt for anything
// else.
std::optional<core::Bytes> udp_payload(std::uint32_t link_type, core::Bytes frame);

}  // namespace lucid::rtp::file::detail
