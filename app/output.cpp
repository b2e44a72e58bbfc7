#include "app/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace lucid::app {

namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

void write_out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

ScreenSize screen_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, size.ws_row};
}

bool is_terminal(int descriptor) { return isatty(descriptor) != 0; }

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F) {
      out += ' ';
    } else if (c1) {
      out += ' ';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string clipped(std::string_view text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') return std::string{text};  // a picture: as wide as it is meant to be
    if (!continues(text[i]) && seen++ == columns) return std::string{text.substr(0, i)};
  }
  return std::string{text};
}

Output::~Output() {
  if (form_ == Form::screen && drawn_ > 0) {
    typed_.clear();
    draw({});
    write_out("\r\x1b[K");
  }
}

void Output::event(const json& event) {
  if (form_ == Form::objects) {
    write_out(dump(event) + "\n");
  } else if (const std::string words = text_of(event, "words"); !words.empty()) {
    line(words);
  }
}

void Output::line(std::string_view words) {
  if (form_ == Form::objects) return;
  if (form_ == Form::lines) return write_out(printable(words) + "\n");
  draw({printable(words)});
}

void Output::drawing(std::string_view lines) {
  if (form_ == Form::objects) return;
  std::vector<std::string> news;
  while (!lines.empty()) {
    news.emplace_back(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(std::min(news.back().size() + 1, lines.size()));
  }
  if (form_ == Form::screen) return draw(news);
  for (const std::string& line : news) write_out(line + "\n");
}

void Output::block(std::vector<std::string> lines, std::string typed) {
  if (form_ != Form::screen || (block_ == lines && typed_ == typed && drawn_ > 0)) return;
  block_ = std::move(lines);
  typed_ = std::move(typed);
  draw({});
}

// From the block's first line down: the news, the block anew, and the line being typed.
void Output::draw(const std::vector<std::string>& news) {
  const ScreenSize size = screen_size();
  std::string out = "\x1b[?25l\r";
  if (drawn_ > 0) out += "\x1b[" + std::to_string(drawn_) + "A";
  for (const std::string& words : news) out += words + "\x1b[K\n";
  const std::size_t room = size.rows > 2 ? size.rows - 2 : 1;
  const std::size_t shown = std::min(block_.size(), room);
  for (std::size_t i = 0; i < shown; ++i)
    out += clipped(block_[i], size.columns) + "\x1b[0m\x1b[K\n";
  out += clipped("> " + printable(typed_), size.columns - 1) + "\x1b[J\x1b[?25h";
  drawn_ = shown;
  write_out(out);
}

}  // namespace lucid::app
