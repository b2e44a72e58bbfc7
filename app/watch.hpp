#pragma once
#include <CLI/CLI.hpp>

#include "glass/options.hpp"

namespace lucid::app {

// Gives a subcommand the options by which it is watched: --log, --trace, --pcap, --secrets. The
// options are filled in before its callback is called.
void add_watching(CLI::App& command, glass::Options& options);

}  // namespace lucid::app
