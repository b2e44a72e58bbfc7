#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/check.hpp"
#include "ice/agent.hpp"
#include "stun/builder.hpp"

namespace lucid::fuzz {

// Bytes read as what happens to an agent, one thing after the other.
struct Script {
  core::ByteReader in;
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  ice::Agent agent;
  std::vector<core::Datagram> sent;
  std::uint32_t ids = 0;

  Script(core::Bytes bytes, ice::Config config)
      : in{bytes}, agent{std::move(config), core::Context{random, pool}} {}

  core::Ip ip() { return core::Ip::v4(0xC0000200U + in.u8() % 8); }
  core::Address address() { return {ip(), static_cast<std::uint16_t>(5000 + in.u8() % 8)}; }
  core::Path path() {
    const auto transport = in.u8() % 4 == 0 ? core::Transport::tcp : core::Transport::udp;
    return {transport, address(), address()};
  }

  void interfaces() {
    std::vector<core::Interface> list(in.u8() % 4);
    for (core::Interface& interface : list) interface.ip = ip();
    agent.interfaces(list, now);
  }
  void candidate() {
    ice::Candidate candidate;
    candidate.type = static_cast<ice::CandidateType>(in.u8() % 4);
    candidate.address = address();
    candidate.priority = in.u32();
    candidate.foundation = std::to_string(in.u8() % 4);
    if (in.u8() % 4 == 0) candidate.name = "x.local";
    if (in.u8() % 4 == 0) {
      candidate.transport = core::Transport::tcp;
      candidate.tcp_type = static_cast<ice::TcpType>(in.u8() % 3);
    }
    agent.add_remote_candidate(candidate, now);
  }
  void request() {
    stun::Builder out{pool, stun::Class::request, stun::Method::binding,
                      stun::random_transaction(random)};
    const ice::Credentials& ours = agent.local_credentials();
    out.text(stun::AttributeType::username, ours.ufrag + ":peer");
    out.u32(stun::AttributeType::priority, in.u32());
    out.u64(in.u8() % 2 == 0 ? stun::AttributeType::ice_controlling
                             : stun::AttributeType::ice_controlled,
            in.u64());
    if (in.u8() % 2 == 0) out.flag(stun::AttributeType::use_candidate);
    out.integrity(stun::Key::short_term(ours.password));
    deliver(path(), std::move(out).finish());
  }
  // Answers one of the agent's own requests, well or badly.
  void response() {
    if (sent.empty()) return;
    const core::Datagram& asked = sent[in.u16() % sent.size()];
    const auto request = stun::Message::parse(asked.bytes);
    if (!request) return;
    const bool good = in.u8() % 4 != 0;
    stun::Builder out{pool, good ? stun::Class::success : stun::Class::error, stun::Method::binding,
                      request->transaction()};
    good ? out.address(stun::AttributeType::xor_mapped_address, address())
         : out.error(stun::ErrorCode{static_cast<std::uint16_t>(300 + in.u8() * 2 % 300)});
    out.integrity(stun::Key::short_term("password"));
    deliver(asked.path, std::move(out).finish());
  }
  void end_or_reconfigure(std::uint8_t how) {
    if (how == 0) return agent.close(now);
    std::vector<ice::Server> servers;
    if ((how & 1) != 0) servers.push_back({.host = "stun.example.org"});
    if ((how & 2) != 0) {
      servers.push_back({.kind = ice::Server::Kind::turn,
                         .host = "192.0.2.6",
                         .username = "user",
                         .password = "secret"});
    }
    agent.set_servers(std::move(servers), static_cast<ice::TransportPolicy>(how >> 2 & 1), now);
  }
  void deliver(const core::Path& on, core::Buffer bytes) {
    agent.handle_datagram({on, core::Ecn::not_ect, std::move(bytes)}, now);
  }
  void step() {
    switch (in.u8() % 20) {
      case 0:
        interfaces();
        break;
      case 1:
        agent.gather(now);
        break;
      case 2:
        agent.bound(core::SocketId{in.u8() % (ids + 1)}, address(), now);
        break;
      case 3:
        agent.listening(core::StreamId{in.u8() % (ids + 1)}, address(), now);
        break;
      case 4:
        agent.opened(core::StreamId{in.u8() % (ids + 1)}, path(), now);
        break;
      case 5:
        agent.closed(core::StreamId{in.u8() % (ids + 1)}, core::PathError::closed, now);
        break;
      case 6:
        candidate();
        break;
      case 7:
        agent.set_remote_credentials({in.u8() % 4 == 0 ? "pee" : "peer", "password"}, now);
        break;
      case 8:
        agent.end_of_remote_candidates(now);
        break;
      case 9:
        agent.restart(now);
        break;
      case 10:
        agent.cancel_restart(now);
        break;
      case 11:
        agent.set_role(static_cast<ice::Role>(in.u8() % 2), now);
        break;
      case 12:
        agent.path_error(path(), static_cast<core::PathError>(in.u8() % 7), now);
        break;
      case 13:
        deliver(path(), pool.copy(in.bytes(std::min<std::size_t>(in.u8(), in.remaining()))));
        break;
      case 14:
        if (!sent.empty()) deliver(path(), pool.copy(sent[in.u16() % sent.size()].bytes));
        break;
      case 15: {
        const std::array found{ip(), ip()};
        agent.resolved(core::ResolveId{in.u8() % (ids + 1)}, found, now);
        break;
      }
      case 16:
        end_or_reconfigure(in.u8());
        break;
      case 17:
        now += std::chrono::milliseconds{in.u16()};
        agent.handle_timeout(now);
        break;
      case 18:
        request();
        break;
      case 19:
        response();
        break;
    }
    while (auto event = agent.poll_event()) ++ids;
    while (auto out = agent.poll_transmit()) {
      if (sent.size() < 256) sent.push_back(std::move(*out));
    }
    core::check(agent.pairs().size() <= 256 && agent.remote_candidates().size() <= 256);
    if (const auto next = agent.next_timeout(); next && *next < now) agent.handle_timeout(now);
  }
};

}  // namespace lucid::fuzz
