#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/buffer.hpp"
#include "core/serial.hpp"
#include "rtp/dependency_descriptor.hpp"
#include "rtp/extension.hpp"
#include "rtp/packet.hpp"
#include "rtp/payload/depacketizer.hpp"

namespace lucid::rtp {

// A name that the owner of a Forwarder gives to an incoming stream.
enum class ForwardSource : std::uint32_t {};

struct ForwardSourceConfig {
  std::map<std::uint8_t, std::uint8_t> payload_types;  // incoming -> outgoing; others are dropped
  ExtensionMap extensions;                             // of the incoming session
};

namespace detail {

// What a Forwarder knows of one of its sources.
struct ForwardFeed {
  struct Held {  // of a source whose key frame may have begun in a packet that comes late
    std::int64_t number = 0;
    core::Buffer bytes;
  };
  ForwardSourceConfig config;
  core::Unwrapper<std::uint16_t> unwrap;
  std::int64_t highest = 0;           // of its packets in the present era
  std::optional<std::int64_t> stray;  // the packet before, when it was far too old
  std::uint32_t newest_timestamp = 0;
  bool newest_dropped = false;
  std::optional<std::int64_t> picture_end;  // the last packet with a marker
  DependencyReader dependencies;
  std::vector<Held> held;
  std::optional<core::Time> heard_at;
};

// From one switch of sources to the next: what numbers are moved by.
struct ForwardEra {
  ForwardSource source{};
  std::uint32_t timestamp_offset = 0;
  std::uint16_t frame_offset = 0;  // of the dependency descriptor
  std::uint8_t base_offset = 0;    // of TL0PICIDX
};

// The newest picture of the chosen source, in the numbers of the outgoing stream.
struct NewestPicture {
  std::uint32_t timestamp = 0;
  core::Time arrived{};
  core::Time captured{};
  std::optional<std::uint16_t> picture;
  std::optional<std::uint8_t> base;
  std::optional<std::uint16_t> frame;
};

// An incoming packet, looked at.
struct SeenPacket {
  Packet view;
  std::int64_t number = 0;
  PayloadInfo info;
  std::optional<DependencyDescriptor> descriptor;
  bool key = false;  // begins a key frame
  bool padding = false;
};

}  // namespace detail
}  // namespace lucid::rtp
