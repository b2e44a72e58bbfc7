#pragma once
#include "peer/recording.hpp"

namespace lucid::peer {

// A PeerConnection of which everything is recorded: drive it in the connection's place, and give
// commands through it. `Seam` is what gives libraries the time and the entropy of the machine being
// called, constructed from (core::Time, core::Random&): sim::VirtualTimeScope.
template <class Seam>
class Recorder {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = peer::Event;

  Recorder(const Configuration& configuration, core::Context context, core::Time now)
      : recording_{.created = now,
                   .wall_clock = configuration.wall_clock.unix_time(core::Time{}).count()},
        random_{context.random, recording_.random},
        pool_{context.pool},
        performer_{make(configuration, {random_, context.pool, context.sink, context.id}, now)} {}
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  const Recording& recording() const { return recording_; }
  const PeerConnection& connection() const { return performer_.connection; }

  // ---- commands: those of PeerConnection and DataChannel, a channel by its key()
  // Certificates, codecs and the clock stay those of the beginning.
  Result<void> set_configuration(const Configuration& it, core::Time now) {
    return note({now, "set_configuration", detail::fields_of(it)});
  }
  Result<void> create_data_channel(std::string label, core::Time now, DataChannelInit init = {}) {
    auto fields = detail::fields_of(init);
    fields.insert(fields.begin(), std::move(label));
    return note({now, "create_data_channel", std::move(fields)});
  }
  Result<void> set_local_description(core::Time now) {
    return note({now, "set_local_description", {}});
  }
  Result<void> set_remote_description(const SessionDescription& it, core::Time now) {
    return note({now, "set_remote_description", {std::string{to_string(it.type)}, it.sdp}});
  }
  Result<void> add_ice_candidate(const std::optional<IceCandidate>& it, core::Time now) {
    return note({now, "add_ice_candidate", detail::fields_of(it)});
  }
  Result<void> send(std::uint32_t channel, std::string_view text, core::Time now) {
    return note({now, "send", {std::to_string(channel), std::string{text}}});
  }
  Result<void> send(std::uint32_t channel, core::Bytes binary, core::Time now) {
    return note({now, "send_binary", {std::to_string(channel), core::to_hex(binary)}});
  }
  Result<void> close_channel(std::uint32_t channel, core::Time now) {
    return note({now, "close_channel", {std::to_string(channel)}});
  }
  Result<void> roll_back(core::Time now) { return note({now, "roll_back", {}}); }
  Result<void> restart_ice(core::Time now) { return note({now, "restart_ice", {}}); }
  Result<void> close(core::Time now) { return note({now, "close", {}}); }

  // ---- the machine, and the answers of the edge
  void handle_datagram(Datagram it, core::Time now) { (void)note(detail::recorded(it, now)); }
  void handle_timeout(core::Time now) { (void)note({now, "timeout", {}}); }
  std::optional<Transmit> poll_transmit() { return performer_.connection.poll_transmit(); }
  std::optional<Event> poll_event() {
    auto event = performer_.poll_event();
    if (event) ++polled_;
    return event;
  }
  std::optional<core::Time> next_timeout() const { return connection().next_timeout(); }
  void interfaces(std::span<const core::Interface> list, core::Time now) {
    (void)note(detail::recorded(list, now));
  }
  void bound(core::SocketId id, core::Address local, core::Time now) {
    (void)note({now, "bound", {number(id), local.text()}});
  }
  void bind_failed(core::SocketId id, core::PathError error, core::Time now) {
    (void)note({now, "bind_failed", {number(id), number(error)}});
  }
  void opened(core::StreamId id, core::Path path, core::Time now) {
    auto fields = detail::fields_of(path);
    fields.insert(fields.begin(), number(id));
    (void)note({now, "opened", std::move(fields)});
  }
  void listening(core::StreamId id, core::Address local, core::Time now) {
    (void)note({now, "listening", {number(id), local.text()}});
  }
  void closed(core::StreamId id, core::PathError error, core::Time now) {
    (void)note({now, "closed", {number(id), number(error)}});
  }
  void path_error(const core::Path& path, core::PathError error, core::Time now) {
    auto fields = detail::fields_of(path);
    fields.push_back(number(error));
    (void)note({now, "path_error", std::move(fields)});
  }
  void resolved(core::ResolveId id, std::span<const core::Ip> list, core::Time now) {
    (void)note(detail::recorded(id, list, now));
  }

 private:
  static PeerConnection make(const Configuration& configuration, core::Context context,
                             core::Time now) {
    const Seam seam{now, context.random};
    auto made = PeerConnection::create(configuration, context, now);
    core::check(made.has_value());
    return std::move(*made);
  }
  template <class Id>
  static std::string number(Id id) {
    return std::to_string(static_cast<std::uint32_t>(id));
  }
  Result<void> note(RecordedInput input) {
    const Seam seam{input.time, random_};
    if (const std::size_t count = std::exchange(polled_, 0); count > 0) {
      recording_.inputs.push_back(
          {input.time, std::string{detail::polled}, {std::to_string(count)}});
    }
    recording_.inputs.push_back(std::move(input));
    return performer_.perform(recording_.inputs.back(), pool_);
  }

  Recording recording_;
  detail::RecordingRandom random_;
  core::Pool& pool_;
  detail::Performer performer_;
  std::size_t polled_ = 0;  // events since the last input
};

}  // namespace lucid::peer
