#pragma once
#include <CLI/CLI.hpp>
#include <expected>
#include <string>
#include <vector>

#include "app/call_options.hpp"

namespace lucid::app {

// The options of `lucid call` and its kin as they are typed.
struct CallLine {
  CallOptions options;
  std::string answer, view = "none", authorities;
  std::vector<std::string> ice_servers;
  bool relay = false, no_trickle = false, polite = false, impolite = false;
};

void add_media(CLI::App& command, CallLine& line);
void add_connection(CLI::App& command, CallLine& line);
// The error is a sentence.
[[nodiscard]] std::expected<CallOptions, std::string> understand(const CallLine& line);
// Calls, driven by standard input, until it is over; the status to leave with.
int run_caller(const CallLine& line);

}  // namespace lucid::app
