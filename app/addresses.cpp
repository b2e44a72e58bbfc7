#include "app/addresses.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "app/qr_code.hpp"
#include "net/interfaces.hpp"

namespace lucid::app {

namespace {

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::vector<std::string> own_names() {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && is_host_name(host.data())) {
    names.emplace_back(host.data());
    names.push_back(std::string{host.data()} + ".local");
  }
  for (const core::Interface& interface : net::interfaces()) {
    // An address that is good on one link only has no place in a certificate.
    const bool anywhere = !interface.ip.is_loopback() && !interface.ip.is_link_local();
    if (anywhere) names.push_back(interface.ip.text());
  }
  return names;
}

void print_addresses(const core::Ip& listening, std::uint16_t port, bool secure) {
  const char* scheme = secure ? "https" : "http";
  std::printf("Lucid is listening. Open one of these in a browser:\n  %s://localhost:%u/\n", scheme,
              port);
  std::string for_phone;
  for (const core::Interface& interface : net::interfaces()) {
    if (interface.ip.family() != core::Family::v4 || interface.ip.is_loopback()) continue;
    if (!listening.is_any() && listening != interface.ip) continue;
    const std::string url =
        std::string{scheme} + "://" + interface.ip.text() + ":" + std::to_string(port) + "/";
    std::printf("  %s   (%s%s)\n", url.c_str(), interface.name.c_str(),
                secure ? "" : "; cameras need https there: --tls");
    if (for_phone.empty()) for_phone = url;
  }
  if (isatty(STDOUT_FILENO) != 0 && !for_phone.empty())
    std::fputs(qr_code(for_phone).value_or("").c_str(), stdout);
}

}  // namespace lucid::app
