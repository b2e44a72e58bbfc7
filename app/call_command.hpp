#pragma once
#include <CLI/CLI.hpp>

namespace lucid::app {

// `lucid call`: the native caller.
void add_call(CLI::App& app, int& status);

}  // namespace lucid::app
