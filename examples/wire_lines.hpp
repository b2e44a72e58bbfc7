#pragma once
#include <charconv>
#include <expected>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "ice/agent.hpp"
#include "net/loop.hpp"

// What ice_wire says to the other side, a line each, and what it is told on its command line:
//
//   credentials UFRAG PASSWORD
//   candidate TYPE TRANSPORT ADDRESS PRIORITY FOUNDATION [TCPTYPE]
//   end
namespace lucid::examples {

struct Wishes {
  ice::Config config;
  std::string authorities;  // a file
  core::Duration stay{};
  core::Duration limit = std::chrono::seconds{60};
};

inline std::expected<Wishes, std::string> parse_wishes(const std::vector<std::string>& words) {
  std::stringstream in;
  for (const std::string& word : words) in << word << ' ';
  Wishes wishes;
  std::string word;
  in >> word;
  if (word != "controlling" && word != "controlled") return std::unexpected("the role " + word);
  wishes.config.role = word == "controlling" ? ice::Role::controlling : ice::Role::controlled;
  while (in >> word) {
    if (word == "--relay") {
      wishes.config.transport_policy = ice::TransportPolicy::relay;
    } else if (word == "--loopback") {
      wishes.config.loopback = true;
    } else if (word == "--no-tcp") {
      wishes.config.tcp = false;
    } else if (word == "--stay") {
      int seconds = 0;
      in >> seconds;
      wishes.stay = std::chrono::seconds{seconds};
    } else if (word == "--ca") {
      in >> wishes.authorities;
    } else if (word == "--stun" || word == "--turn") {
      ice::Server server;
      std::string transport = "udp";
      if (word == "--turn") {
        server.kind = ice::Server::Kind::turn;
        in >> transport;
      }
      in >> server.host >> server.port;
      if (word == "--turn") in >> server.username >> server.password;
      if (transport == "tcp") server.transport = core::Transport::tcp;
      if (transport == "tls") server.transport = core::Transport::tls;
      server.url = word.substr(2) + (transport == "tls" ? "s:" : ":") + server.host;
      wishes.config.servers.push_back(std::move(server));
    } else {
      return std::unexpected(word);
    }
    if (in.fail()) return std::unexpected("what follows " + word);
  }
  return wishes;
}

inline std::string line_of(const ice::Candidate& candidate) {
  std::stringstream out;
  out << "candidate " << to_string(candidate.type) << ' ' << to_string(candidate.transport) << ' '
      << candidate.address.text() << ' ' << candidate.priority << ' ' << candidate.foundation;
  if (candidate.tcp_type) out << ' ' << to_string(*candidate.tcp_type);
  return out.str();
}

// A line of the other side's; what is none of these is left alone.
inline void take_line(ice::Agent& agent, const std::string& line, core::Time now) {
  std::stringstream in{line};
  std::string what, type, transport, address, tcp_type;
  in >> what;
  if (what == "end") agent.end_of_remote_candidates(now);
  if (what == "credentials") {
    ice::Credentials credentials;
    in >> credentials.ufrag >> credentials.password;
    agent.set_remote_credentials(credentials, now);
  }
  ice::Candidate candidate;
  if (what != "candidate" ||
      !(in >> type >> transport >> address >> candidate.priority >> candidate.foundation)) {
    return;
  }
  const auto at = core::Address::parse(address);
  if (!at) return;
  in >> tcp_type;
  candidate.type = ice::candidate_type(type).value_or(ice::CandidateType::host);
  candidate.transport = transport == "tcp" ? core::Transport::tcp : core::Transport::udp;
  candidate.address = *at;
  candidate.tcp_type = ice::tcp_type(tcp_type);
  agent.add_remote_candidate(std::move(candidate), now);
}

// The agent, with whoever takes what is not for it: in a real program DTLS and SRTP.
class WireAgent : public ice::Agent {
 public:
  using Agent::Agent;
  std::function<void(core::Bytes, const core::Path&)> heard;

  void handle_datagram(core::Datagram in, core::Time now) {
    // RFC 7983 7: STUN and TURN are the agent's.
    const bool ours =
        !in.bytes.empty() && (in.bytes.data()[0] <= 3 || in.bytes.data()[0] >> 6 == 1);
    if (ours) return Agent::handle_datagram(std::move(in), now);
    heard(in.bytes, in.path);
  }
};

// Hands each line of standard input to `take`, on the loop's thread.
class LineReader {
 public:
  LineReader(net::Loop& loop, std::function<void(const std::string&)> take)
      : shared_{std::make_shared<Shared>()} {
    shared_->loop = &loop;
    std::thread{[shared = shared_, keep = std::make_shared<decltype(take)>(std::move(take))] {
      for (std::string line; std::getline(std::cin, line);) {
        const std::lock_guard lock{shared->mutex};
        if (shared->loop == nullptr) return;
        shared->loop->post([keep, line] { (*keep)(line); });
      }
    }}.detach();
  }
  ~LineReader() {
    const std::lock_guard lock{shared_->mutex};
    shared_->loop = nullptr;
  }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

 private:
  struct Shared {
    std::mutex mutex;
    net::Loop* loop = nullptr;
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace lucid::examples
