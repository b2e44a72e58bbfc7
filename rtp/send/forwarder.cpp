#include "rtp/send/forwarder.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "rtp/detail/numbers.hpp"
#include "rtp/extension_values.hpp"
#include "rtp/ntp.hpp"
#include "rtp/payload/detail/formats.hpp"
#include "rtp/payload/detail/nal.hpp"
#include "rtp/send/detail/picture_numbers.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;
using State = detail::SentNumbers::State;

constexpr core::Duration ask_pause = 500ms;
// A source that has sent nothing for so long is gone, and is asked again when it comes back.
constexpr core::Duration ask_patience = 5s;
// Packets that can be told to belong behind a key frame's first one when that comes at last.
constexpr std::size_t most_held = 64;
// A hole larger than this is not filled any more; the numbers behind it follow at once.
constexpr std::int64_t most_missing = 500;
constexpr core::Duration most_pause = 10s;

std::unique_ptr<Depacketizer> format_of(core::Codec codec) {
  return core::kind_of(codec) == core::MediaKind::video ? make_depacketizer(codec) : nullptr;
}

// The layers of a publisher are not those that its viewers choose from.
bool ends_with_the_hop(ExtensionType type) {
  return is_of_transport(type) || type == ExtensionType::video_layers_allocation;
}

}  // namespace

Forwarder::Forwarder(ForwarderConfig config, core::Context context)
    : config_{std::move(config)},
      pool_{&context.pool},
      format_{format_of(config_.codec)},
      // RFC 3550 5.1: at random; below half, so that SRTP's first packets cannot wrap.
      next_number_{detail::first_turn + (context.random.u16() & 0x7FFF)} {
  eras_[0].timestamp_offset = context.random.u32();
}

void Forwarder::reconfigure(ForwarderConfig config) {
  if (config == config_) return;
  const bool other_codec = config.codec != config_.codec;
  config_ = std::move(config);
  if (!other_codec) return;
  format_ = format_of(config_.codec);
  feeds_.clear();
  current_.reset();
  selected_.reset();
  ask_at_.reset();
  // RFC 3550 5.1: time and numbers are the stream's, pictures are counted by the codec's rules.
  if (newest_)
    newest_ =
        detail::NewestPicture{newest_->timestamp, newest_->arrived, newest_->captured, {}, {}, {}};
}

void Forwarder::add_source(Source source, SourceConfig config) {
  feeds_[source].config = std::move(config);
}

void Forwarder::remove_source(Source source) {
  feeds_.erase(source);
  if (current_ == source) current_.reset();
  if (selected_ == source) selected_.reset();
}

void Forwarder::select(Source source, core::Time now) {
  if (selected_ == source) return;
  if (selected_) feeds_[*selected_].held.clear();
  selected_.reset();
  if (current_ == source || !feeds_.contains(source)) return;
  selected_ = source;
  if (format_) ask(now);
}

void Forwarder::limit_layers(LayerLimit limit, core::Time now) {
  filter_.limit(limit);
  if (current_ && filter_.waits_for_key_frame()) ask(now);
}

void Forwarder::request_key_frame(core::Time now) {
  if (format_ && (selected_ || current_)) ask(now);
}

void Forwarder::ask(core::Time now) {
  if (!ask_at_) asking_since_ = now;
  events_.push_back(KeyFrameWanted{selected_ ? *selected_ : *current_});
  ask_at_ = now + ask_pause;
}

// From whom a key frame is wanted until it comes.
std::optional<Forwarder::Source> Forwarder::waits_for() const {
  if (!format_) return std::nullopt;
  if (selected_) return selected_;
  return filter_.waits_for_key_frame() ? current_ : std::nullopt;
}

void Forwarder::handle_timeout(core::Time now) {
  if (!ask_at_ || *ask_at_ > now) return;
  const auto source = waits_for();
  const auto feed = source ? feeds_.find(*source) : feeds_.end();
  const bool there =
      feed != feeds_.end() &&
      now - std::max(asking_since_, feed->second.heard_at.value_or(asking_since_)) < ask_patience;
  if (there) return ask(now);
  ask_at_.reset();
}

void Forwarder::handle_datagram(Incoming in, core::Time now) {
  const Source source = in.source;
  const auto found = feeds_.find(source);
  std::optional<Seen> seen;
  if (found != feeds_.end()) seen = look_at(found->second, in.bytes.bytes());
  if (!seen) {
    ++stats_.dropped_other;
    return;
  }
  Feed& feed = found->second;
  feed.heard_at = now;
  if (selected_ == source && begins_key_frame(feed, *seen)) {
    begin_era(source, feed, *seen, in, now);
    std::vector<Feed::Held> held = std::exchange(feed.held, {});
    std::ranges::sort(held, {}, &Feed::Held::number);
    const std::int64_t first = seen->number;
    const core::Time captured = in.captured;
    take(feed, *seen, std::move(in), now);
    for (Feed::Held& each : held) {
      const auto again = each.number > first ? look_at(feed, each.bytes.bytes()) : std::nullopt;
      if (again) take(feed, *again, {source, std::move(each.bytes), captured}, now);
    }
  } else if (current_ == source) {
    take(feed, *seen, std::move(in), now);
  } else if (selected_ == source) {
    hold(feed, *seen, std::move(in));
  } else {
    take_late(feed, *seen, std::move(in));
  }
  if (!ask_at_ && waits_for() == source) ask(now);
}

std::optional<Forwarder::Seen> Forwarder::look_at(Feed& feed, core::Bytes bytes) {
  const auto view = Packet::parse(bytes);
  if (!view || !feed.config.payload_types.contains(view->payload_type())) return std::nullopt;
  Seen seen;
  seen.view = *view;
  seen.number = feed.unwrap.unwrap(view->sequence());
  seen.padding = view->payload().empty();
  if (view->marker()) feed.picture_end = seen.number;
  if (!format_ || seen.padding) return seen;
  const auto info = format_->inspect(view->payload(), view->marker());
  if (!info) return std::nullopt;
  seen.info = *info;
  seen.key = info->key && info->starts_frame;
  const auto id = feed.config.extensions.id(ExtensionType::dependency_descriptor);
  const auto value = id ? view->extension(*id) : std::nullopt;
  if (value) seen.descriptor = feed.dependencies.read(*value);
  if (seen.descriptor && seen.descriptor->has_structure && seen.descriptor->first_packet) {
    seen.key = seen.key || seen.descriptor->dependencies.difference_count == 0;
  }
  return seen;
}

bool Forwarder::begins_key_frame(const Feed& feed, const Seen& seen) const {
  if (seen.padding) return false;
  if (!format_) return true;
  if (!seen.key) return false;
  const bool nal = config_.codec == core::Codec::h264 || config_.codec == core::Codec::h265;
  // A unit of a key frame may have others of it in front, which nothing in it tells.
  return !nal || detail::has_parameter_sets(config_.codec, seen.view.payload()) ||
         feed.picture_end == seen.number - 1;
}

void Forwarder::begin_era(Source source, Feed& feed, const Seen& seen, const Incoming& in,
                          core::Time now) {
  ++era_;
  Era& fresh = eras_[era_ % eras_.size()];
  fresh = {.source = source, .timestamp_offset = era(era_ - 1).timestamp_offset};
  picture_offset_ = 0;
  if (newest_) {
    // Time goes on as much as it did between the two pictures.
    const bool known = in.captured != core::Time{} && newest_->captured != core::Time{};
    core::Duration pause = known ? in.captured - newest_->captured : now - newest_->arrived;
    if (pause <= 0us || pause > most_pause) pause = now - newest_->arrived;
    const auto ticks =
        std::max<std::int64_t>(1, duration_to_ticks(pause, clock_rate(config_.codec)));
    fresh.timestamp_offset =
        newest_->timestamp + static_cast<std::uint32_t>(ticks) - seen.view.timestamp();
    const auto numbers = detail::PictureNumbers::read(config_.codec, seen.view.payload());
    if (numbers.picture && newest_->picture) {
      picture_offset_ = (*newest_->picture + 1 - *numbers.picture) & detail::picture_id_mask;
    }
    if (numbers.base && newest_->base) {
      fresh.base_offset = static_cast<std::uint8_t>(*newest_->base + 1 - *numbers.base);
    }
    if (seen.descriptor && newest_->frame) {
      fresh.frame_offset =
          static_cast<std::uint16_t>(*newest_->frame + 1 - seen.descriptor->frame_number);
    }
    ++stats_.switches;
  }
  feed.highest = seen.number - 1;
  feed.newest_timestamp = seen.view.timestamp() - 1;
  feed.newest_dropped = false;
  filter_.restart();
  current_ = source;
  selected_.reset();
  ask_at_.reset();
  events_.push_back(Switched{source});
}

void Forwarder::hold(Feed& feed, const Seen& seen, Incoming in) {
  if (feed.held.size() >= most_held) {
    feed.held.erase(feed.held.begin());
    ++stats_.dropped_other;
  }
  feed.held.push_back({seen.number, std::move(in.bytes)});
}

detail::LayerFilter::Look Forwarder::look_of(const Feed& feed, const Seen& seen, std::uint32_t era,
                                             bool late) {
  const auto& structure = feed.dependencies.structure();
  return {.info = &seen.info,
          .descriptor = seen.descriptor ? &*seen.descriptor : nullptr,
          .structure = structure ? &*structure : nullptr,
          .era = era,
          .timestamp = seen.view.timestamp(),
          .key = seen.key,
          .late = late};
}

bool Forwarder::passes(const Feed& feed, const Seen& seen, std::uint32_t era, bool late) {
  if (seen.padding) return false;
  return !format_ || filter_.passes(look_of(feed, seen, era, late));
}

// RFC 3550 A.1: two packets in sequence, later than any that is waited for.
bool Forwarder::begins_anew(Feed& feed, const Seen& seen) {
  if (seen.number > feed.highest - detail::SentNumbers::window) return false;
  return std::exchange(feed.stray, seen.number) == seen.number - 1;
}

void Forwarder::take(Feed& feed, const Seen& seen, Incoming in, core::Time now) {
  if (begins_anew(feed, seen)) {
    selected_ = std::exchange(current_, std::nullopt);  // it is as another source from here on
    hold(feed, seen, std::move(in));
    return ask(now);
  }
  if (seen.number <= feed.highest) return take_late(feed, seen, std::move(in));
  const bool new_picture = !seen.padding && seen.view.timestamp() != feed.newest_timestamp;
  const bool pass = passes(feed, seen, era_, false);
  // What is missing between two packets of a picture left out belongs to it.
  const bool inside = !pass && feed.newest_dropped && !new_picture && !seen.padding;
  if (!inside && seen.number - feed.highest <= most_missing) reserve(feed, seen.number);
  feed.highest = seen.number;
  if (!seen.padding) {
    feed.newest_timestamp = seen.view.timestamp();
    feed.newest_dropped = !pass;
  }
  // VP9's references count pictures, so there the holes stay.
  const bool closes_up = !pass && new_picture && config_.codec == core::Codec::vp8;
  if (closes_up) --picture_offset_;
  if (!seen.padding) note_newest(seen, in.captured, now);
  if (!pass) {
    if (!seen.padding) ++stats_.dropped_layers;
    return;
  }
  const Entry& entry =
      sent_.add({next_number_++, seen.number, era_, picture_offset(), State::sent});
  emit(feed, seen, std::move(in.bytes), entry);
}

// Left out or not: what keeps a place and is still to come lies before it.
void Forwarder::note_newest(const Seen& seen, core::Time captured, core::Time now) {
  const Era& its = era(era_);
  const std::uint32_t timestamp = seen.view.timestamp() + its.timestamp_offset;
  if (!newest_ || newest_->timestamp != timestamp) {
    newest_ = detail::NewestPicture{timestamp, now, captured, {}, {}, {}};
  }
  const auto numbers = detail::PictureNumbers::read(config_.codec, seen.view.payload());
  if (numbers.picture) {
    newest_->picture =
        static_cast<std::uint16_t>((*numbers.picture + picture_offset_) & detail::picture_id_mask);
  }
  if (numbers.base) newest_->base = static_cast<std::uint8_t>(*numbers.base + its.base_offset);
  if (seen.descriptor) {
    newest_->frame = static_cast<std::uint16_t>(seen.descriptor->frame_number + its.frame_offset);
  }
}

std::uint16_t Forwarder::picture_offset() const {
  return static_cast<std::uint16_t>(picture_offset_ & detail::picture_id_mask);
}

void Forwarder::reserve(const Feed& feed, std::int64_t until) {
  for (std::int64_t number = feed.highest + 1; number < until; ++number) {
    sent_.add({next_number_++, number, era_, picture_offset(), State::reserved});
  }
}

void Forwarder::take_late(Feed& feed, const Seen& seen, Incoming in) {
  Entry* entry = sent_.find_if([&](const Entry& each) {
    return each.incoming == seen.number && era(each.era).source == in.source &&
           era_ - each.era < eras_.size();
  });
  if (entry == nullptr || entry->state == State::sent) {
    ++stats_.dropped_late;
    return;
  }
  entry->state = State::sent;
  if (passes(feed, seen, entry->era, true)) {
    return emit(feed, seen, std::move(in.bytes), *entry);
  }
  // Its number was kept free, as nobody could know: an empty packet says that nothing is missing.
  ++stats_.fillers;
  const HeaderWriter header{{.payload_type = feed.config.payload_types.at(seen.view.payload_type()),
                             .sequence = static_cast<std::uint16_t>(entry->outgoing),
                             .timestamp = seen.view.timestamp() + era(entry->era).timestamp_offset,
                             .ssrc = config_.ssrc}};
  core::Buffer empty = pool_->take(0, core::default_head_room + header.size());
  header.prepend_to(empty);
  out_.push_back(std::move(empty));
}

HeaderWriter Forwarder::header_for(const Feed& feed, const Seen& seen, const Entry& entry) const {
  const Era& its = era(entry.era);
  HeaderWriter header{{.payload_type = feed.config.payload_types.at(seen.view.payload_type()),
                       .marker = seen.view.marker(),
                       .sequence = static_cast<std::uint16_t>(entry.outgoing),
                       .timestamp = seen.view.timestamp() + its.timestamp_offset,
                       .ssrc = config_.ssrc}};
  for (std::size_t i = 0; i < seen.view.csrc_count(); ++i) header.add_csrc(seen.view.csrc(i));
  if (!config_.mid.empty()) add(header, config_.extensions, Mid{config_.mid});
  if (!config_.rid.empty()) add(header, config_.extensions, Rid{config_.rid});
  add(header, config_.extensions, TransportSequence{});
  add(header, config_.extensions, AbsSendTime{});
  ExtensionElements elements{seen.view};
  while (const auto element = elements.next()) {
    const auto type = feed.config.extensions.type(element->id);
    const auto id = type ? config_.extensions.id(*type) : std::nullopt;
    if (!id || ends_with_the_hop(*type)) continue;
    const core::MutableBytes room = header.add_extension(*id, element->value.size());
    if (room.empty()) continue;
    std::ranges::copy(element->value, room.begin());
    if (*type == ExtensionType::dependency_descriptor && seen.descriptor) {
      core::ByteWriter out{room.subspan(1)};
      out.u16(static_cast<std::uint16_t>(seen.descriptor->frame_number + its.frame_offset));
    }
  }
  return header;
}

void Forwarder::emit(const Feed& feed, const Seen& seen, core::Buffer bytes, const Entry& entry) {
  const Era& its = era(entry.era);
  HeaderWriter header = header_for(feed, seen, entry);
  const bool top =
      format_ && entry.era == era_ && filter_.tops_picture(look_of(feed, seen, era_, true));
  if (top) header.marker(true);
  auto numbers = detail::PictureNumbers::read(config_.codec, seen.view.payload());
  if (numbers.picture) {
    numbers.picture = static_cast<std::uint16_t>(*numbers.picture + entry.picture_offset);
    *numbers.picture &= detail::picture_id_mask;
  }
  if (numbers.base) numbers.base = static_cast<std::uint8_t>(*numbers.base + its.base_offset);
  numbers.write(config_.codec,
                bytes.bytes().subspan(seen.view.header_size(), seen.view.payload().size()));
  if (bytes.head_room() + seen.view.header_size() >= header.size()) {
    replace_header(bytes, seen.view, header);
  } else {
    core::Buffer wider = pool_->copy(bytes.bytes().subspan(seen.view.header_size()),
                                     core::default_head_room + header.size());
    header.prepend_to(wider);
    if (seen.view.padding_size() > 0) wider.data()[0] |= 0x20;
    bytes = std::move(wider);
  }
  ++stats_.forwarded;
  out_.push_back(std::move(bytes));
}

std::optional<Forwarder::Origin> Forwarder::origin(std::uint16_t sequence) {
  const std::int64_t newest = next_number_ - 1;
  const auto back = core::Serial<std::uint16_t>::distance(
      core::Serial<std::uint16_t>{sequence},
      core::Serial<std::uint16_t>{static_cast<std::uint16_t>(newest)});
  const Entry* entry = back < 0 ? nullptr : sent_.find(newest - back);
  if (entry == nullptr || era_ - entry->era >= eras_.size()) return std::nullopt;
  return Origin{era(entry->era).source, static_cast<std::uint16_t>(entry->incoming)};
}

}  // namespace lucid::rtp
