#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/trace.hpp"

namespace lucid::glass {

// The options by which every program here lets itself be watched:
//
//   auto options = glass::Options::parse(argc, argv);
//   if (!options || options->help) return glass::usage(options, "ice_pair [--slow]\n...");
//   auto sink = glass::open_sinks(*options, wall_clock);
//   if (!sink) return glass::complain(sink.error());
//   ice::Agent agent{{}, {random, pool, sink->get()}};
//   const double loss = options->number("--loss", 0);
//   if (!options->rest.empty()) return glass::complain("ice_pair: what is " + options->rest[0]);
struct Options {
  bool help = false;
  bool json = false;  // for the program itself: print findings as JSON
  bool log = false;
  std::vector<std::string> modules;  // of --log; empty: all
  std::string trace;                 // JSON lines go to this file; "-": standard output
  std::string pcap;
  bool secrets = false;
  std::vector<std::string> rest;  // what is not listed here, in order

  [[nodiscard]] static std::expected<Options, std::string> parse(int argc, char** argv);

  // The program's own, taken out of `rest`: a bare NAME, or "NAME VALUE" and "NAME=VALUE". What is
  // not a number, or below zero, stays there and is found as all else that nobody knows.
  bool flag(std::string_view name);
  std::optional<std::string> value(std::string_view name);
  double number(std::string_view name, double otherwise);
  // The first word left in `rest` that looks like an option: the program has taken its own by then.
  [[nodiscard]] std::optional<std::string> unknown() const;
};

// What --help says about them.
extern const std::string_view options_help;

// The sink asked for, or the several as one; a null pointer when nothing was asked for, so that
// reports cost nothing. The error is a sentence for the user.
[[nodiscard]] std::expected<std::unique_ptr<core::trace::Sink>, std::string> open_sinks(
    const Options& options, core::WallClock wall = {});

// Prints the program's own usage and the options above; the exit status to leave with: 0 if it was
// asked for, 2 after a wrong option, which is named.
int usage(const std::expected<Options, std::string>& options, std::string_view program);
// Prints the sentence; 1.
int complain(std::string_view sentence);

}  // namespace lucid::glass
