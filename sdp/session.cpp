#include "sdp/session.hpp"

#include <algorithm>

#include "sdp/detail/syntax.hpp"
#include "sdp/detail/text.hpp"

namespace lucid::sdp {
namespace {

enum class Form : std::uint8_t { description, fragment };

// Takes the lines of a text one by one, and puts each where it belongs.
class Parser {
 public:
  Parser(const Limits& limits, Form form) : limits_{limits}, form_{form} {}

  std::expected<Session, ParseError> run(std::string_view text);

 private:
  using Result = std::expected<void, ParseError>;

  Result take(Line line);
  Result take_head(const Line& line);
  Result start_section(Line line);
  Result finish() const;

  const Limits& limits_;
  Form form_;
  Session session_;
  std::uint32_t last_number_ = 0;
  bool begun_ = false;  // with the v= line
};

std::unexpected<ParseError> fail(Rule rule, const Line& line, std::uint32_t column) {
  constexpr std::size_t quoted = 80;  // enough of the line to recognise it
  std::string detail = "\"" + detail::printable(std::string_view{line.text}.substr(0, quoted));
  detail.append(line.text.size() > quoted ? "...\"" : "\"");
  return std::unexpected(ParseError{rule, line.number, column, std::move(detail), Severity::error});
}

// Cuts the next line off the text; its ending may be CR LF, LF, or the end of the text.
Line cut_line(std::string_view& text) {
  Line line;
  const std::size_t end = text.find('\n');
  std::string_view content = text.substr(0, end);
  if (end == std::string_view::npos) {
    line.ending = Line::Ending::none;
    text = {};
  } else {
    line.ending = content.ends_with('\r') ? Line::Ending::crlf : Line::Ending::lf;
    if (line.ending == Line::Ending::crlf) content.remove_suffix(1);
    text.remove_prefix(end + 1);
  }
  line.text = content;
  return line;
}

std::expected<Session, ParseError> Parser::run(std::string_view text) {
  if (text.size() > limits_.bytes)
    return std::unexpected(ParseError{Rule::too_large, 1, 1, {}, {}});
  while (!text.empty()) {
    Line line = cut_line(text);
    line.number = ++last_number_;
    if (last_number_ > limits_.lines) return fail(Rule::too_many_lines, line, 1);
    if (line.text.size() > limits_.line_bytes) return fail(Rule::line_too_long, line, 1);
    if (Result taken = take(std::move(line)); !taken) return std::unexpected(taken.error());
  }
  if (Result finished = finish(); !finished) return std::unexpected(finished.error());
  return std::move(session_);
}

std::expected<void, ParseError> Parser::take(Line line) {
  // RFC 8866 9: a byte-string holds no NUL, CR or LF.
  const std::size_t bad = line.text.find_first_of(std::string_view{"\0\r", 2});
  if (bad != std::string::npos) {
    return fail(Rule::nul_byte, line, static_cast<std::uint32_t>(bad + 1));
  }
  const bool blank = line.text.find_first_not_of(" \t") == std::string::npos;
  if (!blank) {
    if (!detail::is_line(line)) return fail(Rule::line_format, line, 1);
    if (line.type() == 'm') return start_section(std::move(line));
    if (const auto error = detail::check_syntax(line)) {
      return fail(error->rule, line, line.column(error->offset));
    }
    if (Result taken = take_head(line); !taken) return taken;
  }
  Section& section = session_.media.empty() ? session_.head : session_.media.back();
  if (section.lines().size() == limits_.section_lines) return fail(Rule::too_many_lines, line, 1);
  section.append(std::move(line));
  return {};
}

// Rules for the lines that describe the session as a whole.
std::expected<void, ParseError> Parser::take_head(const Line& line) {
  constexpr std::string_view of_the_head = "vost";
  const bool head_line = of_the_head.find(line.type()) != std::string_view::npos;
  begun_ = begun_ || line.type() == 'v';
  if (form_ == Form::description && !begun_) return fail(Rule::line_misplaced, line, 1);
  if (!head_line) return {};
  if (!session_.media.empty()) return fail(Rule::line_misplaced, line, 1);
  if (line.type() != 't' && session_.head.find_line(line.key()) != nullptr) {
    return fail(Rule::line_repeated, line, 1);
  }
  return {};
}

std::expected<void, ParseError> Parser::start_section(Line line) {
  auto media_line = MediaLine::parse(line.value());
  if (!media_line)
    return fail(media_line.error().rule, line, line.column(media_line.error().offset));
  if (form_ == Form::description && !begun_) return fail(Rule::line_misplaced, line, 1);
  if (session_.media.size() == limits_.sections) return fail(Rule::too_many_sections, line, 1);
  session_.media.emplace_back(std::move(*media_line), std::move(line));
  return {};
}

std::expected<void, ParseError> Parser::finish() const {
  if (form_ == Form::fragment) return {};
  for (const std::string_view key : {"v=", "o=", "s=", "t="}) {
    if (session_.head.find_line(key) != nullptr) continue;
    std::string detail = "there is no " + std::string{key} + " line";
    return std::unexpected(ParseError{Rule::line_missing, std::max(last_number_, 1U), 1,
                                      std::move(detail), Severity::error});
  }
  return {};
}

std::string_view to_string(Line::Ending ending) {
  switch (ending) {
    case Line::Ending::crlf:
      return "\r\n";
    case Line::Ending::lf:
      return "\n";
    case Line::Ending::none:
      return "";
  }
  return "";
}

}  // namespace

std::expected<Session, ParseError> parse(std::string_view text, const Limits& limits) {
  return Parser{limits, Form::description}.run(text);
}

std::expected<Session, ParseError> parse_fragment(std::string_view text, const Limits& limits) {
  return Parser{limits, Form::fragment}.run(text);
}

std::string serialize(const Session& session) {
  std::string out;
  // Only the very last line may go without an ending.
  Line::Ending pending = Line::Ending::none;
  bool first = true;
  const auto write = [&](const Section& section) {
    for (const Line& line : section.lines()) {
      if (!first) out.append(pending == Line::Ending::none ? "\r\n" : to_string(pending));
      out.append(line.text);
      pending = line.ending;
      first = false;
    }
  };
  write(session.head);
  for (const MediaSection& section : session.media) write(section);
  return out.append(to_string(pending));
}

Session Session::make(const Origin& origin) {
  Session session;
  session.head.append(Line{"v=0", {}, 0});
  session.head.add(origin);
  session.head.append(Line{"s=-", {}, 0});
  session.head.append(Line{"t=0 0", {}, 0});
  return session;
}

MediaSection* Session::find_mid(std::string_view mid) {
  for (MediaSection& section : media) {
    if (section.mid() == mid) return &section;
  }
  return nullptr;
}

const MediaSection* Session::find_mid(std::string_view mid) const {
  for (const MediaSection& section : media) {
    if (section.mid() == mid) return &section;
  }
  return nullptr;
}

Direction Session::direction(const Section& section) const {
  // RFC 8866 6.7: the session's direction holds for sections without one; sendrecv is the default.
  if (const auto own = section.direction()) return *own;
  return head.direction().value_or(Direction::sendrecv);
}

}  // namespace lucid::sdp
