#pragma once
#include <CLI/CLI.hpp>

namespace lucid::app {

// `lucid serve`: the call server with its pages, and a robot that answers.
void add_serve(CLI::App& app, int& status);

}  // namespace lucid::app
