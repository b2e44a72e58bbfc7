#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"Lucid: a WebRTC stack you can see through", "lucid"};
  app.set_version_flag("--version", "lucid " LUCID_VERSION);
  CLI11_PARSE(app, argc, argv);
  std::fputs(app.help().c_str(), stdout);
  return 0;
}
