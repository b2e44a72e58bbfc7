#pragma once
#include <optional>
#include <string>

#include "core/buffer.hpp"
#include "core/media.hpp"
#include "core/time.hpp"
#include "rtp/extension.hpp"
#include "rtp/packet.hpp"

namespace lucid::peer {

// What a receiver hands up.
enum class ReceiverOutput : std::uint8_t {
  frames,   // repaired, put in order, held back until they are due
  packets,  // repaired and handed on, for those who forward or record
};

// One packet of a receiver in packet mode: decrypted, out of its RTX wrapping, its payload as it
// came. A Sender takes it as it is.
struct RtpPacket {
  core::Buffer bytes;
  core::Codec codec = core::Codec::vp8;
  std::uint32_t clock_rate = 90000;
  std::string rid;               // which simulcast encoding, empty without simulcast
  rtp::ExtensionMap extensions;  // the ids in `bytes`
  core::Time capture_time{};     // by RTCP where that is known, else the arrival
  bool repaired = false;         // it was lost and came again

  // Borrows from `bytes`.
  rtp::Packet view() const { return rtp::Packet::parse(bytes.bytes()).value_or(rtp::Packet{}); }
  // packet.read<rtp::AudioLevel>(): what a header extension says, if the packet has it.
  template <class Value>
  std::optional<Value> read() const {
    return rtp::read<Value>(view(), extensions);
  }
};

}  // namespace lucid::peer
