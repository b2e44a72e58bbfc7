#include <CLI/CLI.hpp>

#include "app/bundle_command.hpp"
#include "app/call_command.hpp"
#include "app/loop_command.hpp"
#include "app/serve.hpp"
#include "app/whip_command.hpp"

constexpr int wrong_usage = 2;

int main(int argc, char** argv) {
  CLI::App app{"Lucid: a WebRTC stack you can see through", "lucid"};
  app.set_version_flag("--version", "lucid " LUCID_VERSION);
  app.require_subcommand(1);
  int status = 0;
  lucid::app::add_serve(app, status);
  lucid::app::add_call(app, status);
  lucid::app::add_bundle(app, status);
  lucid::app::add_loop(app, status);
  lucid::app::add_whip(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wrong_usage;
  }
  return status;
}
