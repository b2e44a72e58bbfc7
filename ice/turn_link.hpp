#pragma once
#include <deque>
#include <optional>

#include "core/effects.hpp"
#include "core/machine.hpp"

namespace lucid::ice {

// The way to one TURN server: what is to go out, and whether anything still comes back.
class TurnLink {
 public:
  explicit TurnLink(core::Context context) : context_{context} {}

  void open(const core::Path& path) { path_ = path; }
  void close() { path_.reset(); }
  bool is_open() const { return path_.has_value(); }
  const std::optional<core::Path>& path() const { return path_; }
  bool streamed() const { return path_ && path_->transport != core::Transport::udp; }
  core::Context context() const { return context_; }

  void send(core::Buffer bytes, core::Time now) {
    if (!path_) return;
    sent_ = now;
    if (!silent_since_) silent_since_ = now;
    transmits_.push_back({*path_, core::Ecn::not_ect, std::move(bytes)});
  }
  // What nobody answers, so that it says nothing about silence.
  void keep_alive(core::Buffer bytes, core::Time now) {
    const auto before = silent_since_;
    send(std::move(bytes), now);
    silent_since_ = before;
  }
  void heard(core::Time now) {
    heard_ = now;
    errors_ = 0;
    silent_since_.reset();
  }
  // The network says that the server is not there: how often it did since the server was heard.
  int error() { return ++errors_; }
  core::Time sent() const { return sent_; }
  core::Time heard() const { return heard_; }
  // When the first packet was sent that nothing has come back since.
  std::optional<core::Time> silent_since() const { return silent_since_; }

  std::optional<core::Datagram> poll() {
    if (transmits_.empty()) return std::nullopt;
    core::Datagram out = std::move(transmits_.front());
    transmits_.pop_front();
    return out;
  }

 private:
  core::Context context_;
  std::optional<core::Path> path_;
  std::deque<core::Datagram> transmits_;
  core::Time sent_{};
  core::Time heard_{};
  std::optional<core::Time> silent_since_;
  int errors_ = 0;
};

}  // namespace lucid::ice
