#include "app/console.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace lucid::app {

namespace {

constexpr char ctrl_c = 3, ctrl_d = 4, backspace = 8, ctrl_u = 21, escape = 27, rubout = 127;

}  // namespace

struct Console::Files {
  int signals = -1;
  int wake = eventfd(0, EFD_CLOEXEC);
  termios before{};
  bool changed_terminal = false;

  Files() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals = signalfd(-1, &set, SFD_CLOEXEC);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() {
    if (changed_terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    close(signals);
    close(wake);
  }
  void type_without_echo() {
    if (tcgetattr(STDIN_FILENO, &before) != 0) return;
    termios now = before;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    changed_terminal = tcsetattr(STDIN_FILENO, TCSADRAIN, &now) == 0;
  }
};

Console::Console(net::Loop& loop, Editing editing, Handlers handlers)
    : loop_{loop},
      handlers_{std::move(handlers)},
      editing_{editing},
      files_{std::make_unique<Files>()} {
  if (editing_ == Editing::yes) files_->type_without_echo();
  thread_ = std::thread{[this] { run(); }};
}

Console::~Console() {
  const std::uint64_t one = 1;
  (void)!write(files_->wake, &one, sizeof one);
  thread_.join();
}

void Console::run() {
  std::array<pollfd, 3> watched{
      {{files_->wake, POLLIN, 0}, {files_->signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (true) {
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) {
      signalfd_siginfo info{};
      if (read(files_->signals, &info, sizeof info) != sizeof info) continue;
      const bool resized = info.ssi_signo == SIGWINCH;
      loop_.post([this, resized] { resized ? handlers_.changed() : handlers_.interrupted(); });
    }
    if (watched[2].revents != 0) {
      std::array<char, 4096> bytes;
      const ssize_t got = read(STDIN_FILENO, bytes.data(), bytes.size());
      if (got > 0) {
        loop_.post([this, text = std::string{bytes.data(), static_cast<std::size_t>(got)}] {
          take(text);
        });
      } else {
        watched[2].fd = -1;  // poll passes over it from now on
        loop_.post([this] {
          if (!typed_.empty()) finish_line();  // the last line may lack its end
          handlers_.ended();
        });
      }
    }
  }
}

void Console::take(const std::string& bytes) {
  for (const char byte : bytes) {
    if (editing_ == Editing::yes) {
      type(byte);
    } else if (byte == '\n') {
      finish_line();
    } else {
      typed_ += byte;
    }
  }
  if (editing_ == Editing::yes) handlers_.changed();
}

void Console::type(char byte) {
  if (escape_) {
    // ESC [ ... letter, or ESC and one character.
    escape_ = byte == '[' || byte == 'O' || byte == ';' || (byte >= '0' && byte <= '9');
  } else if (byte == escape) {
    escape_ = true;
  } else if (byte == '\n' || byte == '\r') {
    finish_line();
  } else if (byte == backspace || byte == rubout) {
    // A character of UTF-8 goes as a whole.
    while (!typed_.empty() && (static_cast<unsigned char>(typed_.back()) & 0xC0) == 0x80) {
      typed_.pop_back();
    }
    if (!typed_.empty()) typed_.pop_back();
  } else if (byte == ctrl_u) {
    typed_.clear();
  } else if (byte == ctrl_d) {
    if (typed_.empty()) handlers_.ended();
  } else if (byte == ctrl_c) {
    handlers_.interrupted();
  } else if (static_cast<unsigned char>(byte) >= 0x20) {
    typed_ += byte;
  }
}

void Console::finish_line() { handlers_.line(std::exchange(typed_, {})); }

}  // namespace lucid::app
