#include "tests/browser/native/report.hpp"

#include <iostream>
#include <mutex>

#include "core/handle.hpp"

namespace lucid::test {

namespace events = peer::events;

namespace {

constexpr std::size_t longest_text = 1000;  // of a message, in its report

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json media(std::string_view event, peer::Transceiver it) {
  return {{"event", event},
          {"mid", it.mid().value_or("")},
          {"track", static_cast<std::uint32_t>(it.id())},
          {"kind", it.kind() == core::MediaKind::audio ? "audio" : "video"}};
}
json channel(std::string_view event, const peer::DataChannel& it) {
  return {{"event", event}, {"key", it.key()}};
}

}  // namespace

void say(const json& line) {
  static std::mutex mutex;
  const std::lock_guard lock{mutex};
  std::cout << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

json to_json(const peer::SessionDescription& it) {
  return {{"type", to_string(it.type)}, {"sdp", it.sdp}};
}

json to_json(const std::optional<peer::IceCandidate>& it) {
  if (!it) return nullptr;
  return {{"candidate", it->candidate},
          {"sdpMid", or_null(it->sdp_mid)},
          {"sdpMLineIndex", or_null(it->sdp_m_line_index)},
          {"usernameFragment", or_null(it->username_fragment)}};
}

json to_json(peer::Transceiver it) {
  const auto current = it.current_direction();
  return {{"track", static_cast<std::uint32_t>(it.id())},
          {"mid", or_null(it.mid())},
          {"kind", it.kind() == core::MediaKind::audio ? "audio" : "video"},
          {"direction", to_string(it.direction())},
          {"current", current ? json(to_string(*current)) : json(nullptr)}};
}

std::optional<peer::IceCandidate> candidate_of(const json& it) {
  if (!it.is_object()) return std::nullopt;
  peer::IceCandidate made{.candidate = it.value("candidate", "")};
  const auto text = [&](const char* name) -> std::optional<std::string> {
    if (!it.contains(name) || !it[name].is_string()) return std::nullopt;
    return it[name].get<std::string>();
  };
  made.sdp_mid = text("sdpMid");
  made.username_fragment = text("usernameFragment");
  if (it.contains("sdpMLineIndex") && it["sdpMLineIndex"].is_number_unsigned()) {
    made.sdp_m_line_index = it["sdpMLineIndex"].get<std::uint16_t>();
  }
  return made;
}

peer::DataChannelInit channel_init_of(const json& it) {
  const auto number = [&](const char* name) -> std::optional<std::uint16_t> {
    if (!it.contains(name)) return std::nullopt;
    return it[name].get<std::uint16_t>();
  };
  return {.ordered = it.value("ordered", true),
          .max_packet_life_time = number("maxPacketLifeTime"),
          .max_retransmits = number("maxRetransmits"),
          .protocol = it.value("protocol", ""),
          .negotiated = it.value("negotiated", false),
          .id = number("id")};
}

json report_of(const peer::Event& event) {
  return std::visit(
      core::Overloaded{
          [](const events::ConnectionStateChange& it) {
            return json{{"event", "connection"}, {"state", to_string(it.state)}};
          },
          [](const events::IceConnectionStateChange& it) {
            return json{{"event", "ice"}, {"state", to_string(it.state)}};
          },
          [](const events::SignalingStateChange& it) {
            return json{{"event", "signaling"}, {"state", to_string(it.state)}};
          },
          [](const events::IceGatheringStateChange& it) {
            return json{{"event", "gathering"}, {"state", to_string(it.state)}};
          },
          [](const events::TransportError& it) {
            return json{{"event", "error"}, {"message", it.error.text()}};
          },
          [](const events::ChannelError& it) {
            json line = channel("error", it.channel);
            line["message"] = it.error.text();
            return line;
          },
          [](const events::DataChannelAnnounced& it) {
            json line = channel("announced", it.channel);
            line["protocol"] = it.channel.protocol();
            line["ordered"] = it.channel.ordered();
            line["maxPacketLifeTime"] = or_null(it.channel.max_packet_life_time());
            line["maxRetransmits"] = or_null(it.channel.max_retransmits());
            line["id"] = or_null(it.channel.id());
            return line;
          },
          [](const events::ChannelOpen& it) { return channel("open", it.channel); },
          [](const events::ChannelMessage& it) {
            json line = channel("message", it.channel);
            line["binary"] = it.message.binary;
            line["size"] = it.message.data.size();
            if (!it.message.binary) line["text"] = it.message.text().substr(0, longest_text);
            return line;
          },
          [](const events::ChannelBufferedAmountLow& it) { return channel("low", it.channel); },
          [](const events::ChannelClosing& it) { return channel("closing", it.channel); },
          [](const events::ChannelClosed& it) { return channel("closed", it.channel); },
          [](const events::Track& it) {
            json line = media("track", it.transceiver);
            line["streams"] = it.streams;
            return line;
          },
          [](const events::RemoveTrack& it) { return media("removed", it.transceiver); },
          [](const events::Mute& it) { return media("mute", it.transceiver); },
          [](const events::Unmute& it) { return media("unmute", it.transceiver); },
          [](const events::Ended& it) { return media("ended", it.transceiver); },
          [](const events::KeyFrameRequested& it) {
            json line = media("key_frame_requested", it.transceiver);
            line["rid"] = it.rid;
            return line;
          },
          [](const auto&) { return json(nullptr); }},
      event);
}

}  // namespace lucid::test
