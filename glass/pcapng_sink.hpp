#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/trace.hpp"
#include "glass/file.hpp"

namespace lucid::glass {

enum class Secrets : std::uint8_t { leave_out, include };

// Packets as a capture that Wireshark opens (draft-ietf-opsawg-pcapng). Each packet gets the IP and
// UDP or TCP headers that its path tells of, correct checksums included; each module is an
// interface of the capture, so that what was on the wire and what was inside of it stay apart. With
// Secrets::include the DTLS keys go along, in Decryption Secrets Blocks.
class PcapngSink final : public core::trace::Sink {
 public:
  // `wall` dates the packets.
  PcapngSink(File file, Secrets secrets, core::WallClock wall = {});

  void report(const core::trace::Report& report) override;
  bool wants_secrets() const override { return secrets_ == Secrets::include; }

 private:
  void write_packet(const core::trace::Packet& packet);
  void write_secret(std::string_view line);
  std::uint32_t interface_of(std::string_view module);
  std::vector<std::uint8_t> ip_packet(const core::trace::Packet& packet);
  void write_block(std::uint32_t type, core::Bytes body);

  File file_;
  Secrets secrets_;
  core::WallClock wall_;
  std::map<std::string, std::uint32_t, std::less<>> interfaces_;
  std::map<core::Path, std::uint32_t> sequence_;  // of TCP, by source and destination
};

}  // namespace lucid::glass
