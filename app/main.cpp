#include <CLI/CLI.hpp>

#include "app/serve.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Lucid: a WebRTC stack you can see through", "lucid"};
  app.set_version_flag("--version", "lucid " LUCID_VERSION);
  app.require_subcommand(1);
  int status = 0;
  lucid::app::add_serve(app, status);
  CLI11_PARSE(app, argc, argv);
  return status;
}
