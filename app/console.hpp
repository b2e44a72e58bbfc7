#pragma once
#include <functional>
#include <string>
#include <thread>

#include "net/loop.hpp"

namespace lucid::app {

// Standard input and the signals of a program, as calls on its loop. In a terminal it edits the
// line itself, so that what is drawn there and what is typed do not get into each other's way.
class Console {
 public:
  struct Handlers {  // on the loop's thread
    std::move_only_function<void(std::string)> line;
    std::move_only_function<void()> ended;        // standard input has
    std::move_only_function<void()> interrupted;  // Ctrl-C, SIGTERM
    std::move_only_function<void()> changed;      // the line being typed, or the window's size
  };
  // Whether standard input is read as typed, without the terminal's echo.
  enum class Editing : std::uint8_t { no, yes };

  // Before any other thread is started: they inherit which signals are not for them.
  Console(net::Loop& loop, Editing editing, Handlers handlers);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // What has been typed of the line to come.
  const std::string& typed() const { return typed_; }

 private:
  void run();
  void take(const std::string& bytes);
  void type(char byte);
  void finish_line();

  net::Loop& loop_;
  Handlers handlers_;
  Editing editing_;
  std::string typed_;
  bool escape_ = false;  // within a key's escape sequence
  struct Files;
  std::unique_ptr<Files> files_;
  std::thread thread_;
};

}  // namespace lucid::app
