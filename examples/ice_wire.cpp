// An ICE agent whose signaling is a pipe: what is to reach the other side is printed, and what the
// other side printed is read. Two of them, in any two places, are a connection.
#include <fstream>
#include <iostream>
#include <sstream>

#include "examples/wire_lines.hpp"
#include "glass/options.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"

using namespace lucid;
using Agent = ice::Agent;

constexpr auto usage = R"(ice_wire controlling|controlled [--relay] [--loopback] [--stay SECONDS]
    [--stun HOST PORT]... [--turn udp|tcp|tls HOST PORT USER PASSWORD]... [--ca FILE]
  mkfifo a b; ice_wire controlling <a >b & ice_wire controlled <b >a
Says on stderr what it finds, over what it is connected, and what is wrong with a server. Sends a
greeting every 100 ms, and ends with 0 after the other side's, once SECONDS have passed; with 1 when
there is no connection, or no longer one.
)";

int main(int argc, char** argv) {
  const auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const auto wishes = examples::parse_wishes(options->rest);
  if (!wishes) return glass::complain("ice_wire does not understand " + wishes.error());
  net::Loop loop;
  std::cout << std::unitbuf;  // the other side waits for each line
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  net::EdgeOptions edge;
  if (!wishes->authorities.empty()) {
    std::stringstream pem;
    pem << std::ifstream{wishes->authorities}.rdbuf();
    auto trusted = net::TlsContext::client(pem.str());
    if (!trusted) return glass::complain("--ca: " + std::string{to_string(trusted.error())});
    edge.tls = *std::move(trusted);
  }

  examples::WireAgent agent{wishes->config, loop.context(sink->get())};
  std::optional<core::Time> greeted;
  bool lost = false;
  agent.heard = [&](core::Bytes bytes, const core::Path& path) {
    if (bytes.empty() || bytes[0] != 200) return;
    if (!greeted) std::cerr << "received: a greeting on " << path.text() << '\n';
    if (!greeted) greeted = loop.now();
  };
  net::Driver driver{
      loop, agent,
      net::on_events<examples::WireAgent>(
          [](const Agent::LocalCandidate& it) {
            std::cout << examples::line_of(it.candidate) << '\n';
          },
          [](const Agent::GatheringChanged& it) {
            if (it.state == ice::GatheringState::complete) std::cout << "end\n";
          },
          [&](const Agent::ConnectionChanged& it) {
            std::cerr << "connection: " << to_string(it.state) << ", " << it.reason << '\n';
            lost = lost || it.state == ice::ConnectionState::failed;
          },
          [](const Agent::Selected& it) {
            std::cerr << "selected: " << to_string(it.local.type) << "/"
                      << to_string(it.remote.type) << " " << it.path.text() << '\n';
          },
          [](const Agent::ServerFailed& it) {
            std::cerr << "server: " << it.code << " " << it.text << '\n';
          },
          [&](const Agent::Received& it) { agent.heard(it.datagram.bytes, it.datagram.path); },
          [](const auto&) {}),
      std::move(edge)};
  const ice::Credentials& ours = agent.local_credentials();
  std::cout << "credentials " << ours.ufrag << " " << ours.password << '\n';
  agent.gather(loop.now());
  driver.pump();
  examples::LineReader reader{loop, [&](const std::string& line) {
                                examples::take_line(agent, line, loop.now());
                                driver.pump();
                              }};
  net::Timer greeting{
      loop, [&] {
        if (const auto path = agent.path()) {
          agent.send({*path, core::Ecn::not_ect, loop.pool().copy({{200, 'h', 'i'}})}, loop.now());
          driver.pump();
        }
        greeting.set(loop.now() + std::chrono::milliseconds{100});
      }};
  greeting.set(loop.now());
  // The other side is to hear of us too, before we go.
  const core::Duration stay = wishes->stay + std::chrono::milliseconds{500};
  const bool ended = loop.run_until(
      [&] { return lost || (greeted && loop.now() - *greeted > stay); }, wishes->limit);
  if (!greeted || !ended) std::cerr << "failed: no connection" << '\n';
  agent.close(loop.now());
  driver.pump();
  return greeted && ended && !lost ? 0 : 1;
}
