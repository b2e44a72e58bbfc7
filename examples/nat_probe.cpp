// What kind of NAT am I behind? Asks a server of RFC 5780, from a real socket.
#include <cstdio>
#include <optional>
#include <string>

#include "core/text.hpp"
#include "glass/options.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"
#include "stun/nat_probe.hpp"

using namespace lucid;
using stun::NatProbe;

constexpr auto usage = R"(nat_probe [--from ADDRESS] [--json] SERVER[:PORT]
Finds out how the NATs on the way to the internet behave. SERVER is a STUN server with two addresses
(RFC 5780); one with a single address tells the outer address alone. Port 3478 unless
given. Exit status 1 when the server does not answer.
)";

namespace {

void print(const NatProbe::Findings& found) {
  const std::string mapped = found.mapped ? found.mapped->text() : "unknown";
  std::printf("this socket  %s\n", found.local.text().c_str());
  std::printf("from outside %s\n", mapped.c_str());
  std::printf("mapping      %s\n", to_string(found.mapping).data());
  std::printf("filtering    %s\n", to_string(found.filtering).data());
  std::printf("hairpinning  %s\n", !found.hairpinning   ? "unknown"
                                   : *found.hairpinning ? "yes"
                                                        : "no");
  std::printf("that is      %s\n", common_name(found).data());
  if (found.mapped && !found.server_has_two_addresses) {
    std::printf("The server has one address only; for the rest, ask one of RFC 5780.\n");
  }
}

void print_json(const NatProbe::Findings& found) {
  std::printf(
      "{\"local\":%s,\"mapped\":%s,\"mapping\":%s,\"filtering\":%s,\"hairpinning\":%s,"
      "\"kind\":%s}\n",
      core::json(found.local.text()).c_str(),
      found.mapped ? core::json(found.mapped->text()).c_str() : "null",
      core::json(to_string(found.mapping)).c_str(), core::json(to_string(found.filtering)).c_str(),
      !found.hairpinning   ? "null"
      : *found.hairpinning ? "true"
                           : "false",
      core::json(common_name(found)).c_str());
}

// "stun.example.org", "stun.example.org:3478", "[2001:db8::1]:3478"
void set_server(NatProbe::Config& config, const std::string& text) {
  if (const auto address = core::Address::parse(text)) {
    config.server = address->ip.text();
    config.port = address->port;
    return;
  }
  const std::size_t colon = text.find(':');
  const bool has_port =
      colon != std::string::npos && text.find(':', colon + 1) == std::string::npos;
  config.server = has_port ? text.substr(0, colon) : text;
  if (has_port) config.port = static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1));
}

}  // namespace

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  NatProbe::Config config;
  for (std::size_t i = 0; i < options->rest.size(); ++i) {
    if (options->rest[i] == "--from" && i + 1 < options->rest.size()) {
      config.local = core::Ip::parse(options->rest[++i]);
    } else {
      set_server(config, options->rest[i]);
    }
  }
  if (config.server.empty()) return glass::complain("nat_probe wants a server; see --help");
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  NatProbe probe{config, loop.context(sink->get())};
  std::optional<NatProbe::Findings> findings;
  net::Driver driver{loop,
                     probe,
                     [&](NatProbe::Event event, core::Time) {
                       if (auto* done = std::get_if<NatProbe::Done>(&event))
                         findings = done->findings;
                     },
                     {.tracer = loop.context(sink->get()).tracer("net")}};
  driver.pump();
  if (!loop.run_until([&] { return findings.has_value(); }, std::chrono::seconds{60})) return 1;
  if (!findings->trouble.empty()) return glass::complain(findings->trouble);
  options->json ? print_json(*findings) : print(*findings);
  return findings->mapped ? 0 : 1;
}
