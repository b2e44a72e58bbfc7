#pragma once
#include <chrono>
#include <expected>
#include <string>

#include "core/random.hpp"
#include "peer/peer_connection.hpp"

namespace examples {

// What a PeerConnection with audio, video and data answers to this offer; or why it does not.
inline std::expected<std::string, std::string> answer_to(const std::string& offer) {
  using namespace lucid;
  const core::Time now{std::chrono::hours{1}};
  core::SeededRandom random{1};
  core::Pool pool;
  auto made = peer::PeerConnection::create({}, {random, pool}, now);
  if (!made) return std::unexpected(made.error().text());
  (void)made->add_track({core::MediaKind::audio, "microphone"}, {"stream"});
  (void)made->add_track({core::MediaKind::video, "camera"}, {"stream"});
  (void)made->create_data_channel("data", now);
  const auto set = made->set_remote_description({peer::SdpType::offer, offer}, now);
  if (!set) return std::unexpected(set.error().text());
  auto answer = made->create_answer(now);
  if (!answer) return std::unexpected(answer.error().text());
  return std::move(answer->sdp);
}

}  // namespace examples
