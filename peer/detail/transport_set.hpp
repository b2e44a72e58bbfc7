#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "peer/detail/media_transport.hpp"
#include "peer/detail/section.hpp"
#include "peer/detail/state_summary.hpp"
#include "peer/detail/transport.hpp"

namespace lucid::peer::detail {

// One transport and what is known of it by name.
struct TransportEntry {
  std::uint32_t id = 0;
  std::uint32_t id_bits = 0;      // of its agent's ids of sockets and streams: those above ours
  std::vector<std::string> mids;  // the sections that it carries; the first owns it
  Transport transport;
  std::unique_ptr<MediaTransport> media;   // once it carries any
  std::vector<sdp::Candidate> candidates;  // ours, of this generation
  bool gathered = false;
  bool pooled = false;                 // gathers before there is a description
  std::vector<Transport::Event> held;  // what it had to say meanwhile
  bool provisional = false;            // made by an offer that nobody has answered yet
  bool restarting = false;             // by an offer that nobody has answered yet
  std::optional<sdp::Role> role;       // ours, once settled

  TransportEntry(std::uint32_t number, std::string mid, Transport::Config config,
                 core::Context context)
      : id{number}, mids{std::move(mid)}, transport{std::move(config), context} {}

  bool serves(std::string_view mid) const;
  LocalTransport describe() const;
};

// The transports of a connection. To the edge they are one: their ids of sockets, streams and names
// are made distinct, and what arrives finds its transport by the address it arrives at.
class TransportSet {
 public:
  using Entries = std::vector<std::unique_ptr<TransportEntry>>;

  TransportEntry& add(std::string mid, Transport::Config config, core::Context context,
                      core::Time now);
  TransportEntry* serving(std::string_view mid);
  const TransportEntry* serving(std::string_view mid) const;
  // Closes what carries nothing any more; its last effects come out of take_effects().
  void remove_unused(core::Time now);
  void remove_provisional(core::Time now);
  void remove_pooled(core::Time now);
  void close(core::Time now);

  Entries& entries() { return entries_; }
  const Entries& entries() const { return entries_; }
  std::vector<LocalTransport> describe() const;
  std::vector<TransportState> states() const;

  void handle_datagram(core::Datagram datagram, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Datagram> poll_transmit();
  std::optional<core::Time> next_timeout() const;

  // The edge's side of core/effects.hpp.
  core::Effect outward(TransportEntry& entry, core::Effect effect) const;
  std::vector<core::Effect> take_effects() { return std::exchange(effects_, {}); }
  void interfaces(std::span<const core::Interface> list, core::Time now);
  void bound(core::SocketId id, const core::Address& local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void opened(core::StreamId id, const core::Path& path, core::Time now);
  void listening(core::StreamId id, const core::Address& local, core::Time now);
  void closed(core::StreamId id, core::PathError error, core::Time now);
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);

  std::uint64_t dropped_no_transport() const { return dropped_; }

 private:
  TransportEntry* owner_of(std::uint32_t outer_id);
  TransportEntry* at(const core::Address& local);
  template <class Predicate>
  void remove_if(Predicate predicate, core::Time now);

  Entries entries_;
  std::uint32_t next_id_ = 0;
  std::optional<std::vector<core::Interface>> interfaces_;
  std::unordered_map<core::Address, std::uint32_t> by_address_;
  std::vector<core::Effect> effects_;       // of transports that are gone
  std::vector<core::Datagram> last_words_;  // likewise
  std::uint64_t dropped_ = 0;
};

}  // namespace lucid::peer::detail
