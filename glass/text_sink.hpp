#pragma once
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "core/trace.hpp"
#include "glass/file.hpp"

namespace lucid::glass {

// Reports as lines to read:
//
//   0.012345 ice#1 check_sent path=udp 10.0.0.1:5000 -> 192.0.2.1:6000 attempt=1
//   0.052345 ice#1 connection_state: checking -> connected (a pair works)
//   0.152345 dtls#2 failed in handshake: the certificate matches no fingerprint; next: ...
//
// Times are seconds since the first report. Packets are left out unless "packets" is among the
// modules.
class TextSink final : public core::trace::Sink {
 public:
  // Writes what these modules report, all when the list is empty.
  explicit TextSink(std::vector<std::string> modules = {}, File file = nullptr);
  void report(const core::trace::Report& report) override;

  // One report as a line, without its time.
  static std::string line(const core::trace::Report& report);

 private:
  bool wanted(const core::trace::Report& report) const;

  std::vector<std::string> modules_;
  bool packets_ = false;
  File file_;
  std::optional<core::Time> start_;
};

}  // namespace lucid::glass
