#pragma once
#include <deque>
#include <string>

#include "ice/agent.hpp"
#include "stun/builder.hpp"
#include "stun/integrity.hpp"

// An agent on one interface, and the other side played by hand: what a test says goes in, what the
// agent says comes out.
namespace lucid::ice {

struct HandCheck {
  std::string username;
  std::string password;
  std::uint32_t priority = 1'000'000;
  bool controlling = true;
  std::uint64_t tie_breaker = 1;
  bool use_candidate = false;
  std::uint32_t nomination = 0;
  std::uint16_t unknown_attribute = 0;
  bool sha256 = false;
};

class HandPeer {
 public:
  explicit HandPeer(Config config = {})
      : agent{[&] {
                config.tcp = false;
                config.tie_breaker = 1000;
                return config;
              }(),
              core::Context{random, pool}} {
    core::Interface interface;
    interface.name = "eth0";
    interface.ip = local.ip;
    agent.interfaces({&interface, 1}, now);
    agent.gather(now);
    drain();
    agent.bound(bind_id, local, now);
    drain();
  }

  core::Path path(std::string_view remote) const {
    return {core::Transport::udp, local, *core::Address::parse(remote)};
  }
  void give_credentials() {
    agent.set_remote_credentials({"peer", password}, now);
    drain();
  }
  void add_candidate(std::string_view address, std::uint32_t priority = 2'000'000'000) {
    Candidate candidate;
    candidate.address = *core::Address::parse(address);
    candidate.priority = priority;
    candidate.foundation = std::to_string(priority);
    agent.add_remote_candidate(candidate, now);
    drain();
  }

  // What a rightful peer would send.
  HandCheck check() const {
    const Credentials& ours = agent.local_credentials();
    return {.username = ours.ufrag + ":peer", .password = ours.password};
  }
  void receive(std::string_view from, const HandCheck& check) {
    stun::Builder out{pool, stun::Class::request, stun::Method::binding,
                      stun::random_transaction(random)};
    if (!check.username.empty()) out.text(stun::AttributeType::username, check.username);
    if (check.priority != 0) out.u32(stun::AttributeType::priority, check.priority);
    out.u64(check.controlling ? stun::AttributeType::ice_controlling
                              : stun::AttributeType::ice_controlled,
            check.tie_breaker);
    if (check.use_candidate) out.flag(stun::AttributeType::use_candidate);
    if (check.nomination != 0) out.u32(stun::AttributeType::nomination, check.nomination);
    if (check.unknown_attribute != 0) out.u32(stun::AttributeType{check.unknown_attribute}, 0);
    const stun::Key key = stun::Key::short_term(check.password);
    if (!check.password.empty()) check.sha256 ? out.integrity_sha256(key) : out.integrity(key);
    out.fingerprint();
    deliver(from, std::move(out).finish());
  }
  void deliver(std::string_view from, core::Buffer bytes) {
    agent.handle_datagram({path(from), core::Ecn::not_ect, std::move(bytes)}, now);
    drain();
  }
  // Answers a check of the agent's as a peer would.
  void answer(const core::Datagram& asked) {
    const auto request = stun::Message::parse(asked.bytes);
    stun::Builder out{pool, stun::Class::success, stun::Method::binding, request->transaction()};
    out.address(stun::AttributeType::xor_mapped_address, local);
    out.integrity(stun::Key::short_term(password));
    out.fingerprint();
    agent.handle_datagram({asked.path, core::Ecn::not_ect, std::move(out).finish()}, now);
    drain();
  }
  // Answers everything that the agent asks, until it asks no more.
  void answer_all() {
    while (const auto request = next(stun::Class::request)) answer(*request);
  }
  // Lets time pass, deadline by deadline, without answering anything.
  void wait(core::Duration duration) {
    const core::Time end = now + duration;
    while (agent.next_timeout() && *agent.next_timeout() <= end) {
      now = std::max(now, *agent.next_timeout());
      agent.handle_timeout(now);
      drain();
    }
    now = end;
  }

  // The next message of this class that the agent sent, skipping others.
  std::optional<core::Datagram> next(stun::Class message_class) {
    while (!sent.empty()) {
      core::Datagram out = std::move(sent.front());
      sent.pop_front();
      const auto message = stun::Message::parse(out.bytes);
      if (message && message->message_class() == message_class) return out;
    }
    return std::nullopt;
  }
  std::optional<stun::ErrorCode> next_error() {
    const auto out = next(stun::Class::error);
    if (!out) return std::nullopt;
    return stun::Message::parse(out->bytes)->error()->code;
  }
  template <class E>
  const E* last() const {
    for (auto it = events.rbegin(); it != events.rend(); ++it) {
      if (const E* event = std::get_if<E>(&*it)) return event;
    }
    return nullptr;
  }

  core::Time now{std::chrono::hours{1}};
  const core::Address local = *core::Address::parse("192.0.2.1:5000");
  const std::string password = "peerpasswordpeerpassword";
  core::SeededRandom random{1};
  core::Pool pool;
  Agent agent;
  std::deque<core::Datagram> sent;
  std::deque<Agent::Event> events;

 private:
  void drain() {
    while (auto out = agent.poll_transmit()) sent.push_back(std::move(*out));
    while (auto event = agent.poll_event()) {
      if (const auto* effect = std::get_if<core::Effect>(&*event)) {
        if (const auto* bind = std::get_if<core::BindUdp>(effect)) bind_id = bind->id;
      }
      events.push_back(std::move(*event));
    }
  }

  core::SocketId bind_id{};
};

}  // namespace lucid::ice
