#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "peer/peer_connection.hpp"

// A PeerConnection without a network: for what happens within calls.
namespace lucid::peer {

struct Lone {
  explicit Lone(std::uint64_t seed = 1, Configuration configuration = {})
      : random{seed}, pc{make(std::move(configuration))} {}

  static constexpr core::Time now{std::chrono::hours{1}};

  template <class E>
  std::vector<E> take() {
    std::vector<E> found;
    while (auto event = pc.poll_event()) {
      if (auto* it = std::get_if<E>(&*event)) found.push_back(std::move(*it));
    }
    return found;
  }
  SessionDescription offer() { return *pc.create_offer(now); }
  SessionDescription set_offer() {
    EXPECT_TRUE(pc.set_local_description(now));
    return *pc.local_description();
  }
  SessionDescription answer_to(const SessionDescription& offer) {
    const auto set = pc.set_remote_description(offer, now);
    EXPECT_TRUE(set) << (set ? "" : set.error().text());
    const auto answered = pc.set_local_description(now);
    EXPECT_TRUE(answered) << (answered ? "" : answered.error().text());
    return *pc.local_description();
  }
  void accept(const SessionDescription& answer) {
    const auto set = pc.set_remote_description(answer, now);
    EXPECT_TRUE(set) << (set ? "" : set.error().text());
  }

  core::SeededRandom random;
  core::Pool pool;
  PeerConnection pc;

 private:
  PeerConnection make(Configuration configuration) {
    auto made = PeerConnection::create(std::move(configuration), {random, pool}, now);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return std::move(*made);
  }
};

// One round: `left` offers, `right` answers.
inline void negotiate(Lone& left, Lone& right) { left.accept(right.answer_to(left.set_offer())); }

inline std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace lucid::peer
