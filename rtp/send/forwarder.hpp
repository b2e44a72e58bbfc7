#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "core/queue.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/send/detail/forwarding.hpp"
#include "rtp/send/detail/layer_filter.hpp"
#include "rtp/send/detail/sent_numbers.hpp"

namespace lucid::rtp {

struct ForwarderConfig {
  core::Codec codec = core::Codec::vp8;
  std::uint32_t ssrc = 0;
  std::string mid;
  std::string rid;
  ExtensionMap extensions;  // of the outgoing session
  friend bool operator==(const ForwarderConfig&, const ForwarderConfig&) = default;
};

// The packet way through: makes one outgoing stream of incoming packets, from one of several
// sources at a time (publishers, or layers of a simulcast). SSRC, sequence number, timestamp,
// payload type, header extensions and the picture numbers of VP8, VP9 and the dependency descriptor
// are rewritten so that the receiver sees one stream without a seam. Nothing is decoded or joined.
//
//   forwarder.handle_datagram({source, pool.copy(packet)}, now);
//   while (auto out = forwarder.poll_transmit()) stream.forward(std::move(*out), true, now, pacer);
//
// Asked again for a packet, the SendStream answers from its history; origin() tells which packet of
// which source it was, for one who keeps them there.
class Forwarder {
 public:
  using Source = ForwardSource;
  using SourceConfig = ForwardSourceConfig;
  struct Incoming {
    Source source{};
    core::Buffer bytes;        // decrypted, repaired ones as the originals
    core::Time captured = {};  // by RTCP, where known: makes a switch exact
  };
  struct KeyFrameWanted {
    Source source{};
  };
  struct Switched {
    Source source{};
  };
  struct Origin {
    Source source{};
    std::uint16_t sequence = 0;
  };
  using Datagram = Incoming;
  using Transmit = core::Buffer;
  using Event = std::variant<KeyFrameWanted, Switched>;
  struct Stats {
    std::uint64_t forwarded = 0;
    std::uint64_t dropped_layers = 0;  // above the limit
    std::uint64_t dropped_late = 0;    // too late, or there already
    std::uint64_t dropped_other = 0;   // not selected, malformed, no payload type for it
    std::uint64_t fillers = 0;         // empty packets in places that turned out to be unwanted
    std::uint64_t switches = 0;
  };

  Forwarder(ForwarderConfig config, core::Context context);

  // Numbers and time go on. Another codec forgets all sources.
  void reconfigure(ForwarderConfig config);
  // Of a source that is known: what it sends from here on.
  void add_source(Source source, SourceConfig config);
  void remove_source(Source source);
  // From the next key frame of this source on (audio: at once); until then the one before goes on.
  void select(Source source, core::Time now);
  // Layers above this are left out, without a gap.
  void limit_layers(LayerLimit limit, core::Time now);
  // The viewer asked for one.
  void request_key_frame(core::Time now);

  void handle_datagram(Incoming in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit() { return out_.pop(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<core::Time> next_timeout() const { return ask_at_; }

  const ForwarderConfig& config() const { return config_; }
  std::optional<Source> current() const { return current_; }
  // Nullopt for a number never used, and for one long gone.
  std::optional<Origin> origin(std::uint16_t sequence);
  const Stats& stats() const { return stats_; }

 private:
  using Feed = detail::ForwardFeed;
  using Era = detail::ForwardEra;
  using Seen = detail::SeenPacket;
  using Entry = detail::SentNumbers::Entry;

  std::optional<Seen> look_at(Feed& feed, core::Bytes bytes);
  bool begins_key_frame(const Feed& feed, const Seen& seen) const;
  void begin_era(Source source, Feed& feed, const Seen& seen, const Incoming& in, core::Time now);
  static bool begins_anew(Feed& feed, const Seen& seen);
  void take(Feed& feed, const Seen& seen, Incoming in, core::Time now);
  void note_newest(const Seen& seen, core::Time captured, core::Time now);
  void take_late(Feed& feed, const Seen& seen, Incoming in);
  void hold(Feed& feed, const Seen& seen, Incoming in);
  void reserve(const Feed& feed, std::int64_t until);
  static detail::LayerFilter::Look look_of(const Feed& feed, const Seen& seen, std::uint32_t era,
                                           bool late);
  bool passes(const Feed& feed, const Seen& seen, std::uint32_t era, bool late);
  void emit(const Feed& feed, const Seen& seen, core::Buffer bytes, const Entry& entry);
  HeaderWriter header_for(const Feed& feed, const Seen& seen, const Entry& entry) const;
  std::uint16_t picture_offset() const;
  void ask(core::Time now);
  std::optional<Source> waits_for() const;
  const Era& era(std::uint32_t number) const { return eras_[number % eras_.size()]; }

  ForwarderConfig config_;
  core::Pool* pool_;
  std::unique_ptr<Depacketizer> format_;  // null for audio
  std::map<Source, Feed> feeds_;
  std::optional<Source> current_;
  std::optional<Source> selected_;  // waits for its key frame
  std::array<Era, 8> eras_{};
  std::uint32_t era_ = 0;
  std::uint16_t picture_offset_ = 0;
  std::int64_t next_number_;
  std::optional<detail::NewestPicture> newest_;
  detail::SentNumbers sent_;
  detail::LayerFilter filter_;
  core::Queue<core::Buffer> out_;
  core::Queue<Event> events_;
  std::optional<core::Time> ask_at_;
  core::Time asking_since_{};
  Stats stats_;
};
static_assert(core::Machine<Forwarder>);

}  // namespace lucid::rtp
