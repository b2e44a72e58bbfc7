#include "app/interrupt.hpp"

#include <csignal>

namespace lucid::app {

namespace {

net::Loop* interrupted_loop = nullptr;
void interrupt(int) { interrupted_loop->stop(); }

}  // namespace

void run_until_interrupted(net::Loop& loop) {
  interrupted_loop = &loop;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  loop.run();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace lucid::app
