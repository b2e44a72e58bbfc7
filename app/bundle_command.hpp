#pragma once
#include <CLI/CLI.hpp>

namespace lucid::app {

// `lucid bundle offer|answer|finish`: a call without a server, carried by hand.
void add_bundle(CLI::App& app, int& status);

}  // namespace lucid::app
