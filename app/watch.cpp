#include "app/watch.hpp"

namespace lucid::app {

void add_watching(CLI::App& command, glass::Options& options) {
  command
      .add_option_function<std::vector<std::string>>(
          "--log",
          [&options](const std::vector<std::string>& modules) {
            options.log = true;
            options.modules = modules;
            std::erase(options.modules, "");
          },
          "Tell on standard error what happens, in these modules or in all; with \"packets\" also "
          "each packet")
      ->delimiter(',')
      ->expected(0, 100)
      ->type_name("MODULE,...")
      ->group("Watching");
  command
      .add_option("--trace", options.trace,
                  "The same as JSON, one object a line (-: standard output)")
      ->type_name("FILE")
      ->group("Watching");
  CLI::Option* pcap =
      command.add_option("--pcap", options.pcap, "Write the packets as pcapng, for Wireshark")
          ->type_name("FILE")
          ->group("Watching");
  command.add_flag("--secrets", options.secrets, "Put the keys of the calls into that file")
      ->needs(pcap)
      ->group("Watching");
}

}  // namespace lucid::app
