#include "tests/browser/native/test_peer.hpp"

#include <algorithm>
#include <vector>

#include "codec/audio.hpp"
#include "codec/video.hpp"

namespace lucid::test {

namespace events = peer::events;

namespace {

json failed(const peer::Error& error) { return {{"error", error.text()}}; }
template <class T>
json outcome(const peer::Result<T>& result) {
  return result ? json::object() : failed(result.error());
}

core::Codec codec_named(std::string_view mime_type) {
  return core::codec_from_name(mime_type.substr(mime_type.find('/') + 1))
      .value_or(core::Codec::telephone_event);
}

// What this build can encode, or of that the ones named, in their order, each with its repair.
std::vector<peer::RtpCodec> codecs_of(const json& names) {
  std::vector<core::Codec> able = codec::encodable_video();
  std::ranges::copy(codec::encodable_audio(), std::back_inserter(able));
  if (names.is_array()) {
    able.clear();
    for (const auto& name : names)
      able.push_back(core::codec_from_name(name.get<std::string>()).value());
  }
  std::vector<peer::RtpCodec> chosen;
  const std::vector<peer::RtpCodec> all = peer::default_codecs();
  for (const core::Codec codec : able) {
    std::ranges::copy_if(all, std::back_inserter(chosen), [&](const peer::RtpCodec& it) {
      return codec_named(it.mime_type) == codec && codec != core::Codec::telephone_event;
    });
  }
  std::ranges::copy_if(all, std::back_inserter(chosen), [](const peer::RtpCodec& it) {
    return codec_named(it.mime_type) == core::Codec::telephone_event;
  });
  return chosen;
}

peer::Direction direction_of(const json& line) {
  const std::string text = line.value("direction", "sendrecv");
  for (const auto it : {peer::Direction::inactive, peer::Direction::recvonly,
                        peer::Direction::sendonly, peer::Direction::sendrecv}) {
    if (text == to_string(it)) return it;
  }
  return peer::Direction::stopped;
}

// The bytes that both sides of a test expect of a message of this size.
std::vector<std::uint8_t> pattern(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + size);
  return bytes;
}

constexpr std::size_t flood_high = 4 * 1024 * 1024;
constexpr std::size_t flood_low = 1024 * 1024;

}  // namespace

std::unique_ptr<TestPeer> TestPeer::create(net::Loop& loop, const json& options,
                                           core::trace::Sink* sink) {
  const std::string bundle = options.value("bundle", "balanced");
  peer::Configuration configuration{
      .bundle_policy = bundle == "max-compat"   ? peer::BundlePolicy::max_compat
                       : bundle == "max-bundle" ? peer::BundlePolicy::max_bundle
                                                : peer::BundlePolicy::balanced,
      .wall_clock = loop.wall_clock(),
      .codecs = codecs_of(options.value("codecs", json(nullptr))),
      .host_names = options.value("mdns", false) ? ice::HostNames::mdns : ice::HostNames::addresses,
  };
  configuration.max_message_size = options.value("maxMessageSize", configuration.max_message_size);
  auto made = peer::PeerConnection::create(configuration, loop.context(sink), loop.now());
  if (!made) {
    say({{"event", "error"}, {"message", made.error().text()}});
    return nullptr;
  }
  return std::unique_ptr<TestPeer>{new TestPeer{loop, options, std::move(*made)}};
}

TestPeer::TestPeer(net::Loop& loop, const json& options, peer::PeerConnection pc)
    : loop_{loop},
      pc_{std::move(pc)},
      negotiator_{pc_, options.value("polite", false) ? peer::Politeness::polite
                                                      : peer::Politeness::impolite},
      trickle_{options.value("trickle", true)},
      offers_{options.value("offers", true)},
      echo_{options.value("echo", true)},
      driver_{loop, pc_,
              [this](peer::Event event, core::Time now) { handle(std::move(event), now); }},
      tracks_{std::make_unique<Tracks>(loop, pc_, [this] { driver_.pump(); })} {
  driver_.pump();
}

void TestPeer::close() {
  tracks_->stop();
  pc_.close(loop_.now());
  driver_.pump();
}

void TestPeer::signal(const peer::Result<std::optional<peer::SessionDescription>>& message) {
  if (!message) return say({{"event", "error"}, {"message", message.error().text()}});
  if (!*message) return;
  // Without trickle the description waits until it has all candidates in it.
  description_waits_ = !trickle_ && pc_.ice_gathering_state() != peer::IceGatheringState::complete;
  if (!description_waits_) say(to_json(**message));
}

void TestPeer::handle(peer::Event event, core::Time now) {
  if (offers_) signal(negotiator_.on_event(event, now));
  if (auto* it = std::get_if<events::IceCandidate>(&event)) {
    if (trickle_) say({{"candidate", to_json(it->candidate)}});
    return;
  }
  if (auto* it = std::get_if<events::Frame>(&event)) {
    return tracks_->received(it->transceiver, std::move(it->frame), now);
  }
  if (auto* it = std::get_if<events::DataChannelAnnounced>(&event)) {
    channels_[it->channel.label()] = it->channel;
  }
  if (json line = report_of(event); !line.is_null()) {
    if (line.contains("key")) line["label"] = label_of(line["key"].get<std::uint32_t>());
    say(line);
  }
  if (auto* it = std::get_if<events::IceGatheringStateChange>(&event)) {
    const bool complete = it->state == peer::IceGatheringState::complete;
    if (complete && std::exchange(description_waits_, false))
      say(to_json(*pc_.local_description()));
  }
  if (auto* it = std::get_if<events::ChannelMessage>(&event); it && echo_) echo(*it, now);
  if (std::holds_alternative<events::ChannelBufferedAmountLow>(event)) flood(now);
  if (auto* it = std::get_if<events::KeyFrameRequested>(&event)) {
    tracks_->key_frame_requested(it->transceiver.id(), it->rid);
  }
  if (std::holds_alternative<events::SignalingStateChange>(event) ||
      std::holds_alternative<events::ConnectionStateChange>(event)) {
    tracks_->follow();
  }
}

std::string TestPeer::label_of(std::uint32_t key) const {
  for (const auto& [label, channel] : channels_) {
    if (channel.key() == key) return label;
  }
  return {};
}

void TestPeer::echo(const events::ChannelMessage& it, core::Time now) {
  peer::DataChannel channel = it.channel;
  const auto sent = it.message.binary ? channel.send(core::Bytes{it.message.data}, now)
                                      : channel.send(it.message.text(), now);
  if (!sent) say({{"event", "error"}, {"message", sent.error().text()}});
}

void TestPeer::take(const json& line) {
  const core::Time now = loop_.now();
  if (!line.is_object()) return say({{"event", "error"}, {"message", "no JSON object"}});
  if (line.contains("candidate")) {
    const auto added = negotiator_.on_candidate(candidate_of(line["candidate"]), now);
    if (!added) say({{"event", "error"}, {"message", added.error().text()}});
  } else if (const auto type = peer::sdp_type_from_string(line.value("type", ""))) {
    signal(negotiator_.on_description({*type, line.value("sdp", "")}, now));
  } else {
    json reply = perform(line.value("do", ""), line, now);
    reply["reply"] = line.value("id", 0);
    say(reply);
  }
  driver_.pump();
}

json TestPeer::perform(const std::string& verb, const json& line, core::Time now) {
  if (verb == "create_channel") {
    auto made = pc_.create_data_channel(line.value("label", ""), now,
                                        channel_init_of(line.value("init", json::object())));
    if (!made) return failed(made.error());
    channels_[line.value("label", "")] = *made;
    return {{"key", made->key()}};
  }
  if (verb == "restart_ice") return pc_.restart_ice(), json::object();
  if (verb == "close") return close(), json::object();
  if (verb == "offers") return offers_ = line.value("on", true), json::object();
  if (verb == "echo") return echo_ = line.value("on", true), json::object();
  if (verb == "lose") {
    pc_.lose(line.value("share", 0.0), line.value("seed", 1U));
    return json::object();
  }
  if (verb == "stats") {
    return {{"stats", json::parse(pc_.get_stats(now).json())}, {"lost", pc_.lost()}};
  }
  if (verb == "received") {
    return {{"streams", tracks_->received_report()}, {"sent", tracks_->sent_report()}};
  }
  if (verb == "add") return add(line);
  if (verb == "batch") {  // one negotiation for all of it
    json replies = json::array();
    for (const json& each : line.value("commands", json::array()))
      replies.push_back(perform(each.value("do", ""), each, now));
    return {{"replies", replies}};
  }
  if (verb == "transceivers") {
    json all = json::array();
    for (const peer::Transceiver& it : pc_.get_transceivers()) all.push_back(to_json(it));
    return {{"transceivers", all}};
  }
  return line.contains("label") ? perform_on_channel(verb, line, now)
                                : perform_on_track(verb, line, now);
}

json TestPeer::perform_on_channel(const std::string& verb, const json& line, core::Time now) {
  const auto found = channels_.find(line.value("label", ""));
  if (found == channels_.end()) return {{"error", "there is no such channel"}};
  peer::DataChannel& channel = found->second;
  if (verb == "send_text") return outcome(channel.send(line.value("text", ""), now));
  if (verb == "send") {
    const auto bytes = pattern(line.value("size", std::size_t{0}));
    return outcome(channel.send(core::Bytes{bytes}, now));
  }
  if (verb == "close_channel") return channel.close(now), json::object();
  if (verb == "channel") {
    return {{"state", to_string(channel.ready_state())}, {"buffered", channel.buffered_amount()}};
  }
  if (verb == "flood") {
    channel.set_buffered_amount_low_threshold(flood_low);
    flood_ = Flood{found->first, line.value("bytes", std::size_t{0}),
                   line.value("piece", std::size_t{65'536})};
    flood(now);
    return json::object();
  }
  return {{"error", "there is no command " + verb}};
}

// Sends as much as may be buffered; goes on when the buffer is low.
void TestPeer::flood(core::Time now) {
  if (!flood_) return;
  peer::DataChannel& channel = channels_[flood_->label];
  const auto bytes = pattern(flood_->piece);
  while (flood_->left > 0 && channel.buffered_amount() < flood_high) {
    const std::size_t size = std::min(flood_->left, flood_->piece);
    const auto sent = channel.send(core::Bytes{bytes}.first(size), now);
    if (!sent) return say({{"event", "error"}, {"message", sent.error().text()}});
    flood_->left -= size;
  }
  ++flood_->pauses;
  if (flood_->left > 0) return;
  say({{"event", "flooded"}, {"pauses", flood_->pauses}});
  flood_.reset();
}

peer::Transceiver TestPeer::transceiver(const json& line) const {
  const auto all = pc_.get_transceivers();
  const auto found = std::ranges::find_if(all, [&](const peer::Transceiver& it) {
    return static_cast<std::uint32_t>(it.id()) == line.value("track", ~0U);
  });
  return found == all.end() ? peer::Transceiver{} : *found;
}

json TestPeer::add(const json& line) {
  const bool audio = line.value("kind", "") == "audio";
  const auto kind = audio ? core::MediaKind::audio : core::MediaKind::video;
  const std::string name = line.value("name", audio ? "sound" : "picture");
  const peer::MediaStreamTrack track{kind, name};
  std::optional<peer::TransceiverId> id;
  if (line.contains("direction") || line.contains("encodings")) {
    peer::TransceiverInit init{.direction = direction_of(line), .streams = {"stream"}};
    for (const json& it : line.value("encodings", json::array())) {
      init.send_encodings.push_back(
          {.rid = it.value("rid", ""),
           .scale_resolution_down_by = it.value("scaleResolutionDownBy", 1.0)});
    }
    const auto made = pc_.add_transceiver(track, init);
    if (!made) return failed(made.error());
    id = made->id();
  } else {
    const auto made = pc_.add_track(track, {"stream"});
    if (!made) return failed(made.error());
    id = made->id();
  }
  if (line.contains("source")) tracks_->set_source(*id, line["source"].get<std::string>());
  return {{"track", static_cast<std::uint32_t>(*id)}};
}

json TestPeer::perform_on_track(const std::string& verb, const json& line, core::Time now) {
  peer::Transceiver it = transceiver(line);
  if (it.stopped()) return {{"error", "no such track, or no such command: " + verb}};
  if (verb == "set_direction") return outcome(it.set_direction(direction_of(line)));
  if (verb == "remove") return outcome(pc_.remove_track(it.sender()));
  if (verb == "stop") return outcome(it.stop(now));
  if (verb == "source")
    return tracks_->set_source(it.id(), line.value("source", "")), json::object();
  if (verb == "mute") return tracks_->mute(it.id(), line.value("on", true)), json::object();
  if (verb == "key_frame") return tracks_->request_key_frame(it, now), json::object();
  if (verb == "parameters") {
    json codecs = json::array();
    for (const auto& codec : it.sender().get_parameters().codecs)
      codecs.push_back(codec.codec.mime_type);
    return {{"codecs", codecs}};
  }
  return {{"error", "there is no command " + verb}};
}

}  // namespace lucid::test
