#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/rule.hpp"

namespace lucid::sdp {

// One line as it stands in the text. The text is the truth; typed values are read from it and
// written into it, so what nobody touches comes out to the byte as it came in.
struct Line {
  enum class Ending : std::uint8_t { crlf, lf, none };

  std::string text;  // "a=mid:0", without its ending
  Ending ending = Ending::crlf;
  std::uint32_t number = 0;  // from 1 in the parsed text, 0 for a line made since

  char type() const { return text.empty() ? '\0' : text[0]; }
  std::string_view key() const;    // "o=", "c=", "a=mid": what tells one kind of line from another
  std::string_view value() const;  // after the key, and the colon of an attribute
  std::uint32_t column(std::size_t offset) const;  // of a byte of value(), from 1
  friend bool operator==(const Line& a, const Line& b) { return a.text == b.text; }
};

// Where and by which rule a value cannot be read; offset counts in the value.
struct SyntaxError {
  Rule rule = Rule::attribute_value;
  std::size_t offset = 0;
};

// A typed line: `key` as Line::key() gives it, parse() from its value, value() back to text. A user
// can write more of them.
template <class T>
concept Field = requires(const T field, std::string_view text) {
  { T::key } -> std::convertible_to<std::string_view>;
  { T::parse(text) } -> std::same_as<std::expected<T, SyntaxError>>;
  { field.value() } -> std::same_as<std::string>;
};

// RFC 8866 6.7. As the author of the description means it.
enum class Direction : std::uint8_t { inactive, recvonly, sendonly, sendrecv };
std::string_view to_string(Direction direction);
std::optional<Direction> direction_from_name(std::string_view name);

// The lines of one level: of the session, or of one m= section (RFC 8866 5).
class Section {
 public:
  std::span<const Line> lines() const { return lines_; }

  // The first line of this kind that can be read; all that can be. After parse() each one can.
  template <Field T>
  std::optional<T> find() const {
    for (const Line& line : lines_) {
      if (line.key() != T::key) continue;
      if (auto field = T::parse(line.value())) return std::move(*field);
    }
    return std::nullopt;
  }
  template <Field T>
  std::vector<T> all() const {
    std::vector<T> fields;
    for (const Line& line : lines_) {
      if (line.key() != T::key) continue;
      if (auto field = T::parse(line.value())) fields.push_back(std::move(*field));
    }
    return fields;
  }
  // add() puts a line where its kind belongs, set() does so in place of all lines of the kind.
  template <Field T>
  void add(const T& field) {
    insert(make_line(T::key, field.value()));
  }
  template <Field T>
  void set(const T& field) {
    replace(make_line(T::key, field.value()));
  }
  template <Field T>
  void erase() {
    erase_key(T::key);
  }

  // Attributes by name, for flags ("rtcp-mux") and what has no type here.
  bool has(std::string_view attribute) const { return find_attribute(attribute) != nullptr; }
  std::optional<std::string_view> attribute(std::string_view name) const;
  void add_attribute(std::string_view name, std::string_view value = {});
  void erase_attribute(std::string_view name);

  std::optional<Direction> direction() const;
  void set_direction(Direction direction);

  // Lines one by one; the m= line of a section stays.
  const Line* find_line(std::string_view key) const;
  void append(Line line);
  template <class Predicate>
  void erase_lines(Predicate predicate) {
    std::erase_if(lines_, [&](const Line& line) { return line.type() != 'm' && predicate(line); });
    if (!mid_.empty()) note_mid();
  }

  friend bool operator==(const Section&, const Section&) = default;

 protected:
  void replace(Line line);
  const std::string& first_mid() const { return mid_; }  // that can be read

 private:
  static Line make_line(std::string_view key, std::string_view value);
  const Line* find_attribute(std::string_view name) const;
  void insert(Line line);
  void erase_key(std::string_view key);
  void note_mid();

  std::vector<Line> lines_;
  // Of a=mid, which sections are looked up by: a thousand times in a description of a thousand.
  std::string mid_;
};

}  // namespace lucid::sdp
