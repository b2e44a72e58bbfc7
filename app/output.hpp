#pragma once
#include <string>
#include <vector>

#include "app/json.hpp"

namespace lucid::app {

// What a program tells: events. As JSON, one object a line; as sentences, a line each; or, in a
// terminal, as sentences that scroll above a block of lines which stays and shows how things are.
class Output {
 public:
  enum class Form : std::uint8_t { objects, lines, screen };

  explicit Output(Form form) : form_{form} {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Form form() const { return form_; }
  // An object with "event" and, for people, "words"; without words people are not told.
  void event(const json& event);
  // Words for people alone.
  void line(std::string_view words);
  // Lines of our own making, colours and all.
  void drawing(std::string_view lines);
  // The block below, and the line being typed. Drawn only when something has changed.
  void block(std::vector<std::string> lines, std::string typed);

 private:
  void draw(const std::vector<std::string>& news);

  Form form_;
  std::vector<std::string> block_;
  std::string typed_;
  std::size_t drawn_ = 0;  // lines of the block on the screen
};

struct ScreenSize {
  std::size_t columns = 80, rows = 24;
};
ScreenSize screen_size();
bool is_terminal(int descriptor);

// Foreign text as it may be written to a terminal: without control characters.
std::string printable(std::string_view text);
// The first `columns` characters; of UTF-8 none is cut in two.
std::string clipped(std::string_view text, std::size_t columns);

}  // namespace lucid::app
